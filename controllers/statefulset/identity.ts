/** Who the pods of a StatefulSet are. https://kubernetes.io/docs/concepts/workloads/controllers/statefulset/#pod-identity */
import type { StatefulSet } from "../../api/generated/types/apps-v1.ts";
import type { PersistentVolumeClaim, Pod, Volume } from "../../api/generated/types/core-v1.ts";
import type { DeepReadonly } from "../../api/machinery/object.ts";

export type AnySet = DeepReadonly<StatefulSet>;
export type AnyPod = DeepReadonly<Pod>;

export const podNameLabel = "statefulset.kubernetes.io/pod-name";
const podIndexLabel = "apps.kubernetes.io/pod-index";
export const revisionLabel = "controller-revision-hash";

const maxOrdinal = 2 ** 31 - 1;

/** A name with leading zeros is nobody's: no two names stand for the same ordinal. */
const ordinalName = /^(.*)-(0|[1-9]\d*)$/;

/** Undefined for a pod that cannot be of this set. */
export function ordinalOf({ metadata }: AnyPod, set: AnySet): number | undefined {
  const [, parent, digits = ""] = ordinalName.exec(metadata?.name ?? "") ?? [];
  const ordinal = Number(digits);
  return parent === set.metadata?.name && ordinal <= maxOrdinal ? ordinal : undefined;
}

export function podName({ metadata }: AnySet, ordinal: number): string {
  return `${metadata?.name ?? ""}-${ordinal}`;
}

export function firstOrdinal({ spec }: AnySet): number {
  return spec?.ordinals?.start ?? 0;
}

export function replicasOf({ spec }: AnySet): number {
  return spec?.replicas ?? 1;
}

export function isWanted(set: AnySet, ordinal: number): boolean {
  const index = ordinal - firstOrdinal(set);
  return index >= 0 && index < replicasOf(set);
}

export function revisionOf({ metadata }: AnyPod): string {
  return metadata?.labels?.[revisionLabel] ?? "";
}

export function claimName(set: AnySet, template: DeepReadonly<PersistentVolumeClaim>, ordinal: number): string {
  return `${template.metadata?.name ?? ""}-${podName(set, ordinal)}`;
}

export function hasIdentity({ metadata }: AnyPod): boolean {
  return metadata?.labels?.[podNameLabel] === metadata?.name;
}

/** Whether the pod mounts its own claims. */
export function hasStorage(pod: AnyPod, set: AnySet, ordinal: number): boolean {
  const volumes = new Map((pod.spec?.volumes ?? []).map((volume) => [volume.name, volume]));
  return (set.spec?.volumeClaimTemplates ?? []).every(
    (template) =>
      volumes.get(template.metadata?.name ?? "")?.persistentVolumeClaim?.claimName ===
      claimName(set, template, ordinal),
  );
}

export function identityLabels(set: AnySet, ordinal: number): Record<string, string> {
  return { [podNameLabel]: podName(set, ordinal), [podIndexLabel]: String(ordinal) };
}

/** The claims come first, and take the place of volumes of the same name. */
export function withClaims(
  volumes: readonly DeepReadonly<Volume>[],
  set: AnySet,
  ordinal: number,
): DeepReadonly<Volume>[] {
  const templates = set.spec?.volumeClaimTemplates ?? [];
  const claimed = new Set(templates.map(({ metadata }) => metadata?.name));
  return [
    ...templates.map((template) => ({
      name: template.metadata?.name ?? "",
      persistentVolumeClaim: { claimName: claimName(set, template, ordinal) },
    })),
    ...volumes.filter(({ name }) => !claimed.has(name)),
  ];
}
