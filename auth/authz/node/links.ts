/** From objects to what the graph keeps of them. */
import type { PersistentVolume, Pod } from "../../../api/generated/types/core-v1.ts";
import { isStaticPod } from "../../../api/core/pod-annotations-validation.ts";
import {
  podClaims,
  podConfigMaps,
  podResourceClaims,
  podSecrets,
  volumeNodeSecrets,
} from "../../../api/core/pod-references.ts";
import type { DeepReadonly } from "../../../api/machinery/object.ts";
import type { PodLinks, Referred, VolumeLinks } from "./graph.ts";

/** Undefined for a pod without a node. A static pod, which its node made itself, gives the node nothing else to read. */
export function podLinks(pod: DeepReadonly<Pod>): PodLinks | undefined {
  const node = pod.spec?.nodeName ?? "";
  if (node === "") return undefined;
  if (isStaticPod(pod.metadata?.annotations)) return { node, refersTo: [] };
  const account = pod.spec?.serviceAccountName ?? "";
  const all = (kind: Referred, names: readonly string[]): PodLinks["refersTo"] => names.map((name) => ({ kind, name }));
  return {
    node,
    refersTo: [
      ...all("serviceaccount", account === "" ? [] : [account]),
      ...all("secret", podSecrets(pod)),
      ...all("configmap", podConfigMaps(pod)),
      ...all("pvc", podClaims(pod)),
      ...all("resourceclaim", podResourceClaims(pod)),
    ],
  };
}

/** Undefined for a volume that is bound to no claim. */
export function volumeLinks(volume: DeepReadonly<PersistentVolume>): VolumeLinks | undefined {
  const claim = volume.spec?.claimRef;
  if (claim === undefined) return undefined;
  const { namespace = "", name = "" } = claim;
  return { claim: { namespace, name }, secrets: volumeNodeSecrets(volume) };
}
