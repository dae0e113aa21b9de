import { semanticEqual } from "../../../api/machinery/equal.ts";
import type { AnyRegisteredEvent } from "../../framework/events.ts";
import type { Plugin, PodFilter } from "../../framework/plugin.ts";
import { claimsOf, type PodInfo } from "../../framework/pod-info.ts";
import type { Snapshot } from "../../framework/snapshot.ts";
import { type Rejected, skip, unresolvable } from "../../framework/status.ts";
import type { VolumeBindingArgs } from "../args.ts";
import { queueIf } from "../hints.ts";
import { names } from "../names.ts";
import { storageOf } from "./match-volume.ts";
import { claimProblem, keyOfClaim, selectedNodeAnnotation, sortClaims } from "./pod-claims.ts";
import { bindVolumes } from "./bind-volumes.ts";
import type { VolumeBindingEffects } from "./effects.ts";
import {
  type BindingListers,
  createVolumeCaches,
  createVolumeFinder,
  type NodeVolumes,
  reserveFor,
  type VolumeCaches,
} from "./volume-binder.ts";

const name = names.volumeBinding;

/** Volumes of claims: where the bound ones can be reached, and which the others get. */
export function createVolumeBinding(
  args: VolumeBindingArgs,
  listers: BindingListers,
  effects: VolumeBindingEffects,
): Plugin {
  const caches = createVolumeCaches(listers);
  return {
    name,
    events: bindingEvents,
    preFilter(pod, snapshot) {
      const wanted = claimsOf(pod.pod);
      if (wanted.length === 0) return skip;
      const problem = claimProblem(pod, listers.persistentVolumeClaims);
      if (problem !== undefined) return unresolvable(name, problem);
      const claims = sortClaims(wanted, { claims: caches.claims, storageClasses: listers.storageClasses });
      if (claims.immediate.length > 0) return unresolvable(name, "pod has unbound immediate PersistentVolumeClaims");
      const find = createVolumeFinder(claims, caches, listers);
      return createPodVolumes({ pod, snapshot, find, caches, effects, args });
    },
  };
}

interface PodVolumesNeeds {
  readonly pod: PodInfo;
  readonly snapshot: Snapshot;
  readonly find: ReturnType<typeof createVolumeFinder>;
  readonly caches: VolumeCaches;
  readonly effects: VolumeBindingEffects;
  readonly args: VolumeBindingArgs;
}

function createPodVolumes({ pod, snapshot, find, caches, effects, args }: PodVolumesNeeds): PodFilter {
  const byNode = new Map<string, NodeVolumes>();
  let reserved: NodeVolumes | undefined;
  const restore = ({ bindings, provisions }: NodeVolumes): void => {
    for (const { volume } of bindings) caches.volumes.restore(volume.metadata?.name ?? "");
    for (const claim of provisions) caches.claims.restore(keyOfClaim(claim));
  };
  const hasWork = (nodeName: string): boolean => {
    const volumes = byNode.get(nodeName);
    return volumes !== undefined && volumes.bindings.length + volumes.provisions.length > 0;
  };
  return {
    filter(node): Rejected | undefined {
      const found = find(node);
      if (!("bindings" in found)) return unresolvable(name, ...found);
      byNode.set(node.name, found);
      return undefined;
    },
    reserve(nodeName) {
      const volumes = byNode.get(nodeName);
      if (volumes === undefined || !hasWork(nodeName)) return undefined;
      reserved = {
        bindings: volumes.bindings.map(({ claim, volume }) => ({ claim, volume: reserveFor(claim, volume) })),
        provisions: volumes.provisions.map((claim) => ({
          ...claim,
          metadata: {
            ...claim.metadata,
            annotations: { ...claim.metadata?.annotations, [selectedNodeAnnotation]: nodeName },
          },
        })),
      };
      for (const { volume } of reserved.bindings) caches.volumes.assume(volume.metadata?.name ?? "", volume);
      for (const claim of reserved.provisions) caches.claims.assume(keyOfClaim(claim), claim);
      return undefined;
    },
    unreserve() {
      if (reserved !== undefined) restore(reserved);
      reserved = undefined;
    },
    needsPreBind: hasWork,
    async preBind(nodeName, signal) {
      if (reserved === undefined) return undefined;
      const node = snapshot.get(nodeName);
      const facts = { name: nodeName, labels: node?.labels ?? {} };
      const timeoutMilliseconds = args.bindTimeoutSeconds * 1000;
      await bindVolumes({ pod, node: facts, planned: reserved, caches, effects, timeoutMilliseconds, signal });
      return undefined;
    },
  };
}

const bindingEvents: readonly AnyRegisteredEvent[] = [
  {
    resource: "StorageClass",
    actions: ["Add", "Update"],
    hint: (_, before, after) =>
      queueIf(before === undefined || !semanticEqual(before.allowedTopologies, after?.allowedTopologies)),
  },
  {
    resource: "PersistentVolumeClaim",
    actions: ["Add", "Update"],
    hint: ({ claims }, _, after) => queueIf(after !== undefined && claims.includes(keyOfClaim(after))),
  },
  { resource: "PersistentVolume", actions: ["Add", "Update"] },
  { resource: "Node", actions: ["Add", "UpdateNodeLabel"] },
  { resource: "CSINode", actions: ["Add"] },
  {
    resource: "CSIDriver",
    actions: ["Update"],
    hint: (_, before, after) => queueIf(before?.spec.storageCapacity === true && after?.spec.storageCapacity !== true),
  },
  {
    resource: "CSIStorageCapacity",
    actions: ["Add", "Update"],
    hint(_, before, after) {
      const limit = (of: typeof after): bigint => storageOf({ storage: of?.maximumVolumeSize ?? of?.capacity ?? "0" });
      return queueIf(before === undefined || limit(after) > limit(before));
    },
  },
];
