import { manageApply } from "../../api/machinery/managed-fields/manage-apply.ts";
import type { Entries } from "../../api/machinery/managed-fields/managers.ts";
import {
  parentManagedFields,
  replicasPath,
  scaleManagedFields,
  type ReplicasPaths,
} from "../../api/machinery/managed-fields/scale-ownership.ts";
import type { DeepReadonly, Json, KubeObject } from "../../api/machinery/object.ts";
import { formatTime } from "../../api/machinery/time.ts";
import type { ScalePaths } from "../../api/resource.ts";
import type { Kind, VersionCodec } from "../encoding/kind.ts";
import { setManagedFields } from "../strategy/managed-fields.ts";
import type { WriteRequest } from "../strategy/write-request.ts";

const scaleVersion = "autoscaling/v1";

export interface AppliedScale {
  readonly applied: Json;
  readonly force: boolean;
  /** Milliseconds. */
  readonly now: number;
}

/** What the scale becomes, and who owns what of its parent then. Throws ApiError, as every apply. */
export async function manageScale(
  { kind, requested, manager, subresource }: WriteRequest,
  live: { readonly scale: KubeObject; readonly parent: DeepReadonly<KubeObject> },
  { applied, force, now }: AppliedScale,
  parts: { readonly paths: ScalePaths; readonly codec: VersionCodec },
): Promise<{ readonly scale: Json; own(parent: KubeObject): void }> {
  const replicas = replicasPaths(kind, parts.paths);
  const entries: Entries = live.parent.metadata?.managedFields ?? [];
  setManagedFields(live.scale, scaleManagedFields(entries, replicas));
  const { object, managedFields } = await manageApply({
    manager,
    subresource,
    apiVersion: scaleVersion,
    kind: "Scale",
    time: formatTime(now),
    typeOf: (apiVersion) => (apiVersion === scaleVersion ? parts.codec.merge : undefined),
    filter: undefined,
    convert: () => Promise.resolve(undefined),
    live: live.scale,
    blank: parts.codec.conform({ kind: "Scale", apiVersion: scaleVersion }).object,
    applied,
    force,
  });
  return {
    scale: object ?? (live.scale as Json),
    own: (parent) =>
      setManagedFields(parent, parentManagedFields(entries, managedFields ?? [], requested.apiVersion, replicas)),
  };
}

function replicasPaths(kind: Kind, { specReplicas }: ScalePaths): ReplicasPaths {
  const path = replicasPath(specReplicas);
  return new Map([...kind.versions.keys()].map((apiVersion) => [apiVersion, path]));
}
