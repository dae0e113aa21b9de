/** What makes two ports, or two endpoints, the same one: none of the parts of a key may have a blank. */
import type { Endpoint, EndpointPort } from "../../api/generated/types/discovery-v1.ts";
import { deepEqual } from "../../api/machinery/equal.ts";
import type { DeepReadonly } from "../../api/machinery/object.ts";

type AnyEndpoint = DeepReadonly<Endpoint>;

/** Slices with the same ports, in whatever order, have the same key: only those can share endpoints. */
export function portsKey(ports: readonly DeepReadonly<EndpointPort>[] | null | undefined): string {
  const texts = (ports ?? []).map(
    ({ name = "", port = "", protocol = "TCP", appProtocol = "" }) => `${name} ${port} ${protocol} ${appProtocol}`,
  );
  return texts.length > 1 ? texts.toSorted().join("\n") : (texts[0] ?? "");
}

/** Few members only, so that what else changes (conditions, zone) is changed in place. */
export function endpointKey({ addresses, hostname, targetRef }: AnyEndpoint): string {
  const address = addresses.length > 1 ? addresses.toSorted().join() : (addresses[0] ?? "");
  return `${address} ${hostname ?? ""} ${targetRef?.namespace ?? ""} ${targetRef?.name ?? ""}`;
}

/** Whether two endpoints of the same key are equal beyond it; hints are decided upon elsewhere. */
export function isSameEndpoint(one: AnyEndpoint, other: AnyEndpoint): boolean {
  return (
    one.nodeName === other.nodeName &&
    one.zone === other.zone &&
    deepEqual(one.conditions ?? {}, other.conditions ?? {}) &&
    deepEqual(withoutRevision(one.targetRef), withoutRevision(other.targetRef))
  );
}

/** That of a pod changes with whatever becomes of the pod. */
function withoutRevision(reference: AnyEndpoint["targetRef"]): AnyEndpoint["targetRef"] {
  if (reference?.resourceVersion === undefined) return reference;
  const { resourceVersion: _, ...others } = reference;
  return others;
}
