import type { EndpointSlice } from "../../api/generated/types/discovery-v1.ts";
import { getOwn } from "../../api/machinery/members.ts";
import type { DeepReadonly } from "../../api/machinery/object.ts";
import type { Informer } from "../../client/informer.ts";
import type { IndexLookup } from "../../client/lister.ts";
import { keyFor } from "../../client/lister.ts";
import { managedByLabel, serviceNameLabel } from "./service-slice.ts";

/** A controller's own writes come back as changes; they and others' are looked at together, after so many milliseconds. */
const delay = 1000;

/**
 * Finds the slices that a controller manages by the key of what they are of, and tells of it when they change, when one
 * is taken away from the controller, or given to it.
 */
export function watchSlices(
  slices: Informer<EndpointSlice>,
  manager: string,
  addAfter: (key: string, milliseconds: number) => void,
): IndexLookup<EndpointSlice> {
  const keysOf = (slice: DeepReadonly<EndpointSlice>): string[] => {
    const { namespace, labels = {} } = slice.metadata ?? {};
    const name = getOwn(labels, serviceNameLabel) ?? "";
    return name !== "" && getOwn(labels, managedByLabel) === manager ? [keyFor(namespace, name)] : [];
  };
  const wake = (slice: DeepReadonly<EndpointSlice>): void => {
    for (const key of keysOf(slice)) addAfter(key, delay);
  };
  slices.on({
    added: wake,
    updated(slice, old) {
      wake(slice);
      if (keysOf(old)[0] !== keysOf(slice)[0]) wake(old);
    },
    deleted: wake,
  });
  return slices.index(keysOf);
}
