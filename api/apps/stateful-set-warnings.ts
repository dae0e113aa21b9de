import { fractionalStorage } from "../core/pod-volume-warnings.ts";
import type { StatefulSet } from "../generated/types/apps-v1.ts";
import type { DeepReadonly } from "../machinery/object.ts";

const everlasting = "a negative value retains all historical revisions; a value >= 0 is recommended";

export function statefulSetWarnings(
  { metadata, spec }: DeepReadonly<StatefulSet>,
  old: DeepReadonly<StatefulSet> | undefined,
): readonly string[] {
  const changed = old === undefined || metadata?.generation !== old.metadata?.generation;
  const claims = changed ? (spec?.volumeClaimTemplates ?? []) : [];
  return [
    ...claims.flatMap((claim, index) =>
      // Upstream writes the last part with a capital.
      fractionalStorage(claim.spec?.resources?.requests, `spec.volumeClaimTemplates[${index}].Spec`),
    ),
    ...((spec?.revisionHistoryLimit ?? 0) < 0 ? [`spec.revisionHistoryLimit: ${everlasting}`] : []),
  ];
}
