/** Defaults of volumes in pods, and of PersistentVolumes and their claims. */
import { objectAt, textAt } from "../machinery/members.ts";
import type { JsonObject } from "../machinery/object.ts";
import type { DefaultRule, DefaultRules, Setter } from "../schema/default.ts";
import { defaultPullPolicy } from "./image-reference.ts";
import { roundedResources } from "./resource-list-defaults.ts";

/** rw-r--r-- */
const readableFiles: DefaultRule = (source, set) => set.ifUnset(source, "defaultMode", 0o644);

const iscsi: DefaultRule = (source, set) => set.ifZero(source, "iscsiInterface", "default");

const rbd: DefaultRule = (source, set) => {
  set.ifZero(source, "pool", "rbd");
  set.ifZero(source, "user", "admin");
  set.ifZero(source, "keyring", "/etc/ceph/keyring");
};

const scaleIO: DefaultRule = (source, set) => {
  set.ifZero(source, "storageMode", "ThinProvisioned");
  set.ifZero(source, "fsType", "xfs");
};

export const volumeDefaults: DefaultRules = {
  "io.k8s.api.core.v1.Volume": volume,
  "io.k8s.api.core.v1.AzureDiskVolumeSource": (source, set) => {
    set.ifUnset(source, "cachingMode", "ReadWrite");
    set.ifUnset(source, "fsType", "ext4");
    set.ifUnset(source, "readOnly", false);
    set.ifUnset(source, "kind", "Shared");
  },
  "io.k8s.api.core.v1.ISCSIVolumeSource": iscsi,
  "io.k8s.api.core.v1.ISCSIPersistentVolumeSource": iscsi,
  "io.k8s.api.core.v1.RBDVolumeSource": rbd,
  "io.k8s.api.core.v1.RBDPersistentVolumeSource": rbd,
  "io.k8s.api.core.v1.ScaleIOVolumeSource": scaleIO,
  "io.k8s.api.core.v1.ScaleIOPersistentVolumeSource": scaleIO,
  "io.k8s.api.core.v1.SecretVolumeSource": readableFiles,
  "io.k8s.api.core.v1.ConfigMapVolumeSource": readableFiles,
  "io.k8s.api.core.v1.DownwardAPIVolumeSource": readableFiles,
  "io.k8s.api.core.v1.ProjectedVolumeSource": readableFiles,
  "io.k8s.api.core.v1.HostPathVolumeSource": (source, set) => set.ifUnset(source, "type", ""),
  "io.k8s.api.core.v1.ServiceAccountTokenProjection": (token, set) => set.ifUnset(token, "expirationSeconds", 3600),
  "io.k8s.api.core.v1.PersistentVolume": persistentVolume,
  "io.k8s.api.core.v1.PersistentVolumeSpec": roundedResources("capacity"),
  "io.k8s.api.core.v1.PersistentVolumeClaim": (claim, set) =>
    set.ifZero(set.within(claim, "status"), "phase", "Pending"),
  "io.k8s.api.core.v1.PersistentVolumeClaimSpec": (spec, set) => set.ifUnset(spec, "volumeMode", "Filesystem"),
  "io.k8s.api.core.v1.PersistentVolumeClaimStatus": roundedResources("capacity", "allocatedResources"),
  "io.k8s.api.core.v1.VolumeResourceRequirements": roundedResources("limits", "requests"),
};

function volume(value: JsonObject, set: Setter): void {
  const isSourceless = Object.entries(value).every(
    ([name, member]) => name === "name" || member === undefined || member === null,
  );
  if (isSourceless) set.put(value, "emptyDir", {});
  const image = objectAt(value, "image");
  if (image !== undefined) set.ifZero(image, "pullPolicy", defaultPullPolicy(textAt(image, "reference")));
}

function persistentVolume(object: JsonObject, set: Setter): void {
  const spec = set.within(object, "spec");
  set.ifZero(set.within(object, "status"), "phase", "Pending");
  set.ifZero(spec, "persistentVolumeReclaimPolicy", "Retain");
  set.ifUnset(spec, "volumeMode", "Filesystem");
}
