import type { Endpoint } from "../../api/generated/types/discovery-v1.ts";
import type { DeepReadonly } from "../../api/machinery/object.ts";
import { endpointKey, isSameEndpoint } from "./endpoint-slice-key.ts";

type AnyEndpoint = DeepReadonly<Endpoint>;

/** The API shows an empty list as null. */
interface Sliced {
  readonly endpoints?: readonly AnyEndpoint[] | null;
}

/** What becomes of slices of the same ports, and what new ones have to hold. */
export interface Packed<Slice extends Sliced> {
  readonly update: readonly { readonly slice: Slice; readonly endpoints: readonly AnyEndpoint[] }[];
  readonly delete: readonly Slice[];
  readonly unchanged: readonly Slice[];
  readonly create: readonly (readonly AnyEndpoint[])[];
}

interface Room<Slice> {
  readonly slice: Slice;
  readonly endpoints: AnyEndpoint[];
  readonly isChanged: boolean;
}

/**
 * Puts endpoints into slices with as few writes as will do, rather than into as few slices:
 *
 * 1. what is no longer wanted is taken out of the slices that have it, what has changed is changed in place;
 * 2. slices that have to be written anyway are filled up, the fullest first;
 * 3. the rest goes into the one unchanged slice that it fills best, if it fits there whole, else into new ones.
 *
 * `isStale` says of a slice that it has to be written for another reason.
 * https://github.com/kubernetes/enhancements/tree/master/keps/sig-network/0752-endpointslices#endpointslice-controller
 */
export function pack<Slice extends Sliced>(
  existing: readonly Slice[],
  wanted: readonly AnyEndpoint[],
  { max, isStale }: { readonly max: number; readonly isStale: (slice: Slice) => boolean },
): Packed<Slice> {
  const missing = new Map(wanted.map((endpoint) => [endpointKey(endpoint), endpoint]));
  const rooms = existing.map((slice) => keepWanted(slice, missing, isStale));
  const deleted = rooms.filter(({ isChanged, endpoints, slice }) => isChanged && isEmptied(slice, endpoints));
  const changed = rooms
    .filter((room) => room.isChanged && !deleted.includes(room))
    .toSorted((left, right) => right.endpoints.length - left.endpoints.length);
  const left = [...missing.values()];
  for (const { endpoints } of changed) endpoints.push(...left.splice(0, Math.max(max - endpoints.length, 0)));
  const unchanged = rooms.filter(({ isChanged }) => !isChanged);
  const create: AnyEndpoint[][] = [];
  while (left.length >= max) create.push(left.splice(0, max));
  const filled = bestFit(unchanged, left.length, max);
  if (filled !== undefined) filled.endpoints.push(...left);
  else if (left.length > 0) create.push(left);
  return {
    update: filled === undefined ? changed : [...changed, filled],
    delete: deleted.map(({ slice }) => slice),
    unchanged: unchanged.filter((room) => room !== filled).map(({ slice }) => slice),
    create,
  };
}

/** Takes what it keeps out of what is missing; an endpoint that two slices have stays in the first. */
function keepWanted<Slice extends Sliced>(
  slice: Slice,
  missing: Map<string, AnyEndpoint>,
  isStale: (slice: Slice) => boolean,
): Room<Slice> {
  const before = slice.endpoints ?? [];
  const endpoints: AnyEndpoint[] = [];
  let isChanged = isStale(slice);
  for (const endpoint of before) {
    const key = endpointKey(endpoint);
    const wanted = missing.get(key);
    if (wanted === undefined || !missing.delete(key)) continue;
    endpoints.push(wanted);
    isChanged ||= !isSameEndpoint(wanted, endpoint);
  }
  return { slice, endpoints, isChanged: isChanged || endpoints.length !== before.length };
}

function isEmptied({ endpoints }: Sliced, kept: readonly AnyEndpoint[]): boolean {
  return kept.length === 0 && (endpoints ?? []).length > 0;
}

/** The slice that is fullest with so many more. */
function bestFit<Slice>(rooms: readonly Room<Slice>[], more: number, max: number): Room<Slice> | undefined {
  if (more === 0) return undefined;
  const fitting = rooms.filter(({ endpoints }) => endpoints.length + more <= max);
  return fitting.reduce<Room<Slice> | undefined>(
    (best, room) => (best === undefined || room.endpoints.length > best.endpoints.length ? room : best),
    undefined,
  );
}
