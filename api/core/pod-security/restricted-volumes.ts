import { type Check, distinct, plural, quoted, type PodLike, type Violation } from "./check.ts";

/** Volumes of the cluster's own making, and those that an administrator provided as PersistentVolumes. */
export const restrictedVolumes: Check = {
  id: "restrictedVolumes",
  level: "restricted",
  revisions: [{ since: 0, find, overrides: ["hostPathVolumes"] }],
};

const allowed = [
  "configMap",
  "csi",
  "downwardAPI",
  "emptyDir",
  "ephemeral",
  "persistentVolumeClaim",
  "projected",
  "secret",
] as const;

/** Those that upstream's check knows by name; it calls others `unknown`. */
const known = [
  "hostPath",
  "gcePersistentDisk",
  "awsElasticBlockStore",
  "gitRepo",
  "nfs",
  "iscsi",
  "glusterfs",
  "rbd",
  "flexVolume",
  "cinder",
  "cephfs",
  "flocker",
  "fc",
  "azureFile",
  "vsphereVolume",
  "quobyte",
  "azureDisk",
  "photonPersistentDisk",
  "portworxVolume",
  "scaleIO",
  "storageos",
] as const;

function find({ spec }: PodLike): Violation | undefined {
  const bad = (spec.volumes ?? []).filter((volume) => !allowed.some((type) => volume[type] !== undefined));
  if (bad.length === 0) return undefined;
  const names = bad.map(({ name }) => name);
  const types = distinct(bad.map((volume) => known.find((type) => volume[type] !== undefined) ?? "unknown"));
  const uses = plural(names.length, "uses", "use");
  return {
    reason: "restricted volume types",
    detail: `${plural(names.length, "volume")} ${quoted(names)} ${uses} ${plural(types.length, "restricted volume type")} ${quoted(types)}`,
  };
}
