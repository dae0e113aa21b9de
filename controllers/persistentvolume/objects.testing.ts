/** Claims and volumes for tests, as short as the tests want to be read. */
import type { PersistentVolume, PersistentVolumeClaim } from "../../api/generated/types/core-v1.ts";
import { bindCompleted, boundByController } from "./annotations.ts";

export interface ClaimTraits {
  readonly name?: string;
  readonly uid?: string;
  readonly size?: string;
  readonly volumeName?: string;
  readonly phase?: string;
  /** "": none; absent: not even that is said. */
  readonly className?: string;
  readonly completed?: boolean;
  readonly byController?: boolean;
  readonly spec?: PersistentVolumeClaim["spec"];
  readonly annotations?: Record<string, string>;
}

export function claimOf(traits: ClaimTraits = {}): PersistentVolumeClaim {
  const { name = "data", uid = `uid-${name}`, size = "1Gi", volumeName, phase = "Pending", className, spec } = traits;
  const annotations = {
    ...(traits.completed === true ? { [bindCompleted]: "yes" } : {}),
    ...(traits.byController === true ? { [boundByController]: "yes" } : {}),
    ...traits.annotations,
  };
  return {
    metadata: { namespace: "default", name, uid, annotations },
    spec: {
      accessModes: ["ReadWriteOnce"],
      resources: { requests: { storage: size } },
      ...(volumeName === undefined ? {} : { volumeName }),
      ...(className === undefined ? {} : { storageClassName: className }),
      ...spec,
    },
    status: { phase },
  };
}

export interface VolumeTraits {
  readonly size?: string;
  readonly phase?: string;
  readonly className?: string;
  /** The claim that it refers to; with `uid` it is bound to that very one. */
  readonly claim?: string;
  readonly uid?: string;
  readonly byController?: boolean;
  readonly policy?: string;
  readonly spec?: PersistentVolume["spec"];
  readonly labels?: Record<string, string>;
  readonly annotations?: Record<string, string>;
}

export function volumeOf(name: string, traits: VolumeTraits = {}): PersistentVolume {
  const { size = "1Gi", phase = "Available", className, claim, uid, policy = "Retain", labels = {} } = traits;
  const claimRef = {
    kind: "PersistentVolumeClaim",
    apiVersion: "v1",
    namespace: "default",
    ...(claim === undefined ? {} : { name: claim }),
    ...(uid === undefined ? {} : { uid }),
  };
  return {
    metadata: {
      name,
      labels,
      annotations: { ...(traits.byController === true ? { [boundByController]: "yes" } : {}), ...traits.annotations },
    },
    spec: {
      capacity: { storage: size },
      accessModes: ["ReadWriteOnce", "ReadOnlyMany"],
      persistentVolumeReclaimPolicy: policy,
      hostPath: { path: "/data" },
      ...(className === undefined ? {} : { storageClassName: className }),
      ...(claim === undefined ? {} : { claimRef }),
      ...traits.spec,
    },
    status: { phase },
  };
}
