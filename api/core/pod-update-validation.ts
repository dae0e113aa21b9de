import type { Pod, PodSpec } from "../generated/types/core-v1.ts";
import { semanticEqual } from "../machinery/equal.ts";
import { describeFieldError, type FieldError } from "../machinery/field-error.ts";
import { forbidden } from "../machinery/findings.ts";
import type { DeepReadonly } from "../machinery/object.ts";
import { isStaticPod, validateAnnotationUpdates } from "./pod-annotations-validation.ts";
import { validateResize } from "./pod-resize-validation.ts";
import { validateSpecUpdate } from "./pod-spec-update-validation.ts";
import { validatePodStatus } from "./pod-status-validation.ts";
import { validatePod } from "./pod-validation.ts";
import { unifiedDiff } from "./unified-diff.ts";

type ReadonlyPod = DeepReadonly<Pod>;

const nothing: DeepReadonly<PodSpec> = { containers: [] };

/** A pod's spec is what is running: almost nothing of it may change. */
export function validatePodUpdate(pod: ReadonlyPod, old: ReadonlyPod, subresource: string): FieldError[] {
  const annotations = validateAnnotationUpdates(pod, old, "metadata.annotations");
  if (subresource === "status") return [...annotations, ...validatePodStatus(pod, old)];
  const findings = [...newlyWrong(pod, old), ...annotations];
  switch (subresource) {
    case "ephemeralcontainers":
      if (isStaticPod(old.metadata?.annotations))
        return [forbidden("", "static pods do not support ephemeral containers")];
      return [...findings, ...ephemeralContainers(pod.spec ?? nothing, old.spec ?? nothing)];
    case "resize":
      return validateResize(pod, old, findings);
    default:
      return [...findings, ...validateSpecUpdate(pod.spec ?? nothing, old.spec ?? nothing)];
  }
}

/** What was let in before rules became stricter may stay. */
function newlyWrong(pod: ReadonlyPod, old: ReadonlyPod): FieldError[] {
  const findings = validatePod(pod);
  if (findings.length === 0) return findings;
  const known = new Set(validatePod(old).map(identity));
  return findings.filter((finding) => !known.has(identity(finding)));
}

function identity(finding: FieldError): string {
  return `${finding.field}: ${describeFieldError(finding)}`;
}

/** Others may join; those that are there stay as they are. */
function ephemeralContainers(spec: DeepReadonly<PodSpec>, old: DeepReadonly<PodSpec>): FieldError[] {
  const field = "spec.ephemeralContainers";
  return (old.ephemeralContainers ?? []).flatMap((before) => {
    const existing = `existing ephemeral containers ${JSON.stringify(before.name)}`;
    const now = (spec.ephemeralContainers ?? []).find(({ name }) => name === before.name);
    if (now === undefined) return [forbidden(field, `${existing} may not be removed\n`)];
    if (semanticEqual(now, before)) return [];
    return [forbidden(field, `${existing} may not be changed\n${unifiedDiff(before, now)}`)];
  });
}
