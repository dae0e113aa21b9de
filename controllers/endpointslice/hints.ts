import type { Service } from "../../api/generated/types/core-v1.ts";
import type { Endpoint, EndpointHints } from "../../api/generated/types/discovery-v1.ts";
import { deepEqual } from "../../api/machinery/equal.ts";
import { getOwn } from "../../api/machinery/members.ts";
import type { DeepReadonly } from "../../api/machinery/object.ts";
import type { SliceChanges } from "./plan.ts";
import type { Slice } from "./service-slice.ts";

type AnyEndpoint = DeepReadonly<Endpoint>;
type Hints = DeepReadonly<EndpointHints> | undefined;

/** How a service wants its traffic to be kept near: not at all, by the endpoint's own place, or by shares of the zones. */
export type Nearness = "none" | "zone" | "node" | "shares";

/** https://kubernetes.io/docs/concepts/services-networking/service/#traffic-distribution */
export function nearnessOf({ metadata, spec }: DeepReadonly<Service>): Nearness {
  const annotations = metadata?.annotations ?? {};
  const mode =
    getOwn(annotations, "service.kubernetes.io/topology-aware-hints") ??
    getOwn(annotations, "service.kubernetes.io/topology-mode");
  if (mode === "Auto" || mode === "auto") return "shares";
  switch (spec?.trafficDistribution) {
    case "PreferClose":
    case "PreferSameZone":
      return "zone";
    case "PreferSameNode":
      return "node";
    default:
      return "none";
  }
}

export function withoutHints(changes: SliceChanges): SliceChanges {
  return withHints(changes, () => undefined);
}

/** Every endpoint is for its own zone, and with `node` for its own node. Those that are not ready keep what they have. */
export function withOwnPlace(changes: SliceChanges, nearness: "zone" | "node"): SliceChanges {
  return withHints(changes, (endpoint) => {
    if (!isReady(endpoint)) return endpoint.hints;
    const { zone, nodeName } = endpoint;
    const forZones = zone === undefined ? {} : { forZones: [{ name: zone }] };
    const forNodes = nodeName === undefined || nearness === "zone" ? {} : { forNodes: [{ name: nodeName }] };
    const hints = { ...forZones, ...forNodes };
    return Object.keys(hints).length === 0 ? undefined : hints;
  });
}

/** Gives every endpoint its hints; slices that were right but for them have to be written too. */
export function withHints(changes: SliceChanges, hintsFor: (endpoint: AnyEndpoint) => Hints): SliceChanges {
  const hinted = (slice: Slice): Slice => {
    const endpoints = (slice.endpoints ?? []).map((endpoint) => withHint(endpoint, hintsFor(endpoint)));
    return endpoints.every((endpoint, index) => endpoint === slice.endpoints?.[index])
      ? slice
      : { ...slice, endpoints };
  };
  const unchanged = changes.unchanged.map((slice) => ({ slice, now: hinted(slice) }));
  return {
    ...changes,
    create: changes.create.map(hinted),
    update: [
      ...changes.update.map(hinted),
      ...unchanged.filter(({ slice, now }) => slice !== now).map(({ now }) => now),
    ],
    unchanged: unchanged.filter(({ slice, now }) => slice === now).map(({ slice }) => slice),
  };
}

/** The very endpoint where it has these hints already. */
function withHint(endpoint: AnyEndpoint, hints: Hints): AnyEndpoint {
  const { hints: before, ...others } = endpoint;
  if (deepEqual(before, hints)) return endpoint;
  return hints === undefined ? others : { ...others, hints };
}

export function isReady({ conditions }: AnyEndpoint): boolean {
  return conditions?.ready === true;
}
