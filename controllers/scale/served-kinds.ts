import type { Transport } from "../../api/wire.ts";
import type { Clock } from "../../base/clock.ts";
import type { Discovered, DiscoveredResource } from "../discovery/discovered.ts";
import { createDiscoveryFetch } from "../discovery/fetch-discovery.ts";

/** What the server serves of a kind: each resource once, in the version that its group prefers. Empty where it serves none. */
export type ServedKinds = (group: string, kind: string) => Promise<readonly DiscoveredResource[]>;

/** Milliseconds for which what the server has said is taken as true. */
const knownFor = 30_000;

export function createServedKinds({
  transport,
  clock,
}: {
  readonly transport: Transport;
  readonly clock: Clock;
}): ServedKinds {
  const fetch = createDiscoveryFetch(transport);
  let known: { readonly at: number; readonly discovered: Promise<Discovered> } | undefined;
  const discover = (): Promise<Discovered> => {
    if (known !== undefined && clock.now() - known.at < knownFor) return known.discovered;
    const asked = { at: clock.now(), discovered: fetch() };
    known = asked;
    asked.discovered.catch(() => {
      if (known === asked) known = undefined;
    });
    return asked.discovered;
  };
  return async (group, kind) => {
    const { resources } = await discover();
    const found = resources.filter((resource) => resource.group === group && resource.type.kind === kind);
    const seen = new Set<string>();
    return found
      .toSorted((left, right) => Number(right.isPreferred) - Number(left.isPreferred))
      .filter(({ type }) => !seen.has(type.plural) && seen.add(type.plural));
  };
}

/** The group of an apiVersion: "" for `v1`. */
export function groupOf(apiVersion: string): string {
  const slash = apiVersion.indexOf("/");
  return slash < 0 ? "" : apiVersion.slice(0, slash);
}
