import type { Pod, Volume, VolumeProjection } from "../../../api/generated/types/core-v1.ts";
import { podConfigMaps, podSecrets } from "../../../api/core/pod-references.ts";
import type { DeepReadonly } from "../../../api/machinery/object.ts";

/** What of the API a pod needs, in upstream's words, or a source of which that is not known. */
type ApiObjects =
  | { readonly resource: string; readonly unknown?: undefined }
  | { readonly unknown: string; readonly resource?: undefined };

const needsNothing: readonly (keyof Volume)[] = [
  "awsElasticBlockStore",
  "azureDisk",
  "cephfs",
  "cinder",
  "downwardAPI",
  "emptyDir",
  "fc",
  "flexVolume",
  "flocker",
  "gcePersistentDisk",
  "gitRepo",
  "hostPath",
  "image",
  "iscsi",
  "nfs",
  "photonPersistentDisk",
  "portworxVolume",
  "quobyte",
  "rbd",
  "scaleIO",
  "storageos",
  "vsphereVolume",
];

const ofVolumes: readonly (readonly [keyof Volume, string])[] = [
  ["configMap", "configmaps (via configmap volumes)"],
  ["secret", "secrets (via secret volumes)"],
  ["csi", "csidrivers (via CSI volumes)"],
  ["glusterfs", "endpoints (via glusterFS volumes)"],
  ["persistentVolumeClaim", "persistentvolumeclaims"],
  ["ephemeral", "persistentvolumeclaims (via ephemeral volumes)"],
  ["azureFile", "secrets (via azureFile volumes)"],
];

const ofProjections: readonly (readonly [keyof VolumeProjection, string])[] = [
  ["configMap", "configmaps (via projected volumes)"],
  ["secret", "secrets (via projected volumes)"],
  ["serviceAccountToken", "serviceaccounts (via projected volumes)"],
  ["clusterTrustBundle", "clustertrustbundles"],
  ["podCertificate", "podcertificates"],
];

/** Undefined for a pod that runs without reading anything of the API. */
export function apiObjectsOf(pod: DeepReadonly<Pod>): ApiObjects | undefined {
  const { serviceAccountName = "", resourceClaims = [], volumes = [] } = pod.spec ?? {};
  if (serviceAccountName !== "") return { resource: "serviceaccounts" };
  if (podSecrets(pod).length > 0) return { resource: "secrets" };
  if (podConfigMaps(pod).length > 0) return { resource: "configmaps" };
  if (resourceClaims.length > 0) return { resource: "resourceclaims" };
  for (const volume of volumes) {
    const found = neededBy(volume);
    if (found !== undefined) return found;
  }
  return undefined;
}

function neededBy(volume: DeepReadonly<Volume>): ApiObjects | undefined {
  if (needsNothing.some((source) => volume[source] !== undefined)) return undefined;
  const needed = ofVolumes.find(([source]) => volume[source] !== undefined);
  if (needed !== undefined) return { resource: needed[1] };
  // The two blanks are upstream's.
  if (volume.projected === undefined)
    return { unknown: `unknown volume type for volume  ${JSON.stringify(volume.name)}` };
  for (const projection of volume.projected.sources ?? []) {
    const projected = ofProjections.find(([source]) => projection[source] !== undefined);
    if (projected !== undefined) return { resource: projected[1] };
    if (projection.downwardAPI === undefined)
      return { unknown: `unknown source for projected volume ${JSON.stringify(volume.name)}` };
  }
  return undefined;
}
