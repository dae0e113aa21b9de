import type { Subset } from "./repack.ts";

/** More addresses than that an Endpoints object does not hold: EndpointSlices do. */
export const capacity = 1000;

/** https://kubernetes.io/docs/reference/labels-annotations-taints/#endpoints-kubernetes-io-over-capacity */
export const overCapacityAnnotation = "endpoints.kubernetes.io/over-capacity";

/**
 * As many addresses as there is room for: ready ones first, and of each subset its share, rounded up as long as there is
 * room. Undefined where nothing has to go.
 */
export function truncateSubsets(subsets: readonly Subset[]): Subset[] | undefined {
  const ready = sum(subsets, ({ addresses = [] }) => addresses.length);
  const notReady = sum(subsets, ({ notReadyAddresses = [] }) => notReadyAddresses.length);
  if (ready + notReady <= capacity) return undefined;
  const onlyReady = ready > capacity;
  const room = onlyReady ? capacity : capacity - ready;
  const total = onlyReady ? ready : notReady;
  let left = room;
  const share = <T>(items: readonly T[]): readonly T[] => {
    const kept = items.slice(0, Math.min(Math.ceil((items.length / total) * room), left));
    left -= kept.length;
    return kept;
  };
  return subsets.flatMap(({ addresses = [], notReadyAddresses = [], ...others }) => {
    const kept = onlyReady ? share(addresses) : addresses;
    const keptNotReady = onlyReady ? [] : share(notReadyAddresses);
    if (kept.length + keptNotReady.length === 0) return [];
    return [
      {
        ...others,
        ...(kept.length === 0 ? {} : { addresses: kept }),
        ...(keptNotReady.length === 0 ? {} : { notReadyAddresses: keptNotReady }),
      },
    ];
  });
}

function sum(subsets: readonly Subset[], count: (subset: Subset) => number): number {
  return subsets.reduce((total, subset) => total + count(subset), 0);
}
