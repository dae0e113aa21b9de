import type { Condition } from "../generated/types/meta-v1.ts";
import type { FieldError } from "./field-error.ts";
import { bad, duplicate, named, required, tooLong, unsupported } from "./findings.ts";
import { labelKey } from "./names.ts";
import type { DeepReadonly } from "./object.ts";

const longest = { reason: 1024, message: 32 * 1024 };
const statuses = ["False", "True", "Unknown"];
const reasonSource = "[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?";
const wholeReason = new RegExp(`^${reasonSource}$`);
const reasonRule =
  "a condition reason must start with alphabetic character, optionally followed by a string of alphanumeric characters or '_,:', and must end with an alphanumeric character or '_'";
const reasonExamples = ["my_name", "MY_NAME", "MyName", "ReasonA,ReasonB", "ReasonA:ReasonB"];

/** metav1.Condition: one of each type. https://github.com/kubernetes/community/blob/master/contributors/devel/sig-architecture/api-conventions.md#typical-status-properties */
export function validateConditions(
  conditions: readonly DeepReadonly<Condition>[] | undefined,
  path: string,
): FieldError[] {
  const seen = new Set<string>();
  return (conditions ?? []).flatMap((condition, index) => {
    const at = `${path}[${index}]`;
    const twice = seen.has(condition.type) ? [duplicate(`${at}.type`, condition.type)] : [];
    seen.add(condition.type);
    return [...twice, ...validateCondition(condition, at)];
  });
}

function validateCondition(condition: DeepReadonly<Condition>, path: string): FieldError[] {
  const { type, status, observedGeneration = 0, lastTransitionTime, reason, message } = condition;
  const findings = named(`${path}.type`, type, labelKey(type));
  if (!statuses.includes(status)) findings.push(unsupported(`${path}.status`, status, statuses));
  if (observedGeneration < 0)
    findings.push(bad(`${path}.observedGeneration`, observedGeneration, "must be greater than or equal to zero"));
  if (!lastTransitionTime) findings.push(required(`${path}.lastTransitionTime`));
  findings.push(...validateReason(reason, `${path}.reason`));
  if (Buffer.byteLength(message ?? "") > longest.message) findings.push(tooLong(`${path}.message`, longest.message));
  return findings;
}

function validateReason(reason: string, path: string): FieldError[] {
  if (!reason) return [required(path)];
  const findings = Buffer.byteLength(reason) > longest.reason ? [tooLong(path, longest.reason)] : [];
  if (wholeReason.test(reason)) return findings;
  const examples = reasonExamples.map((example) => `'${example}', `).join(" or ");
  return [
    bad(path, reason, `${reasonRule} (e.g. ${examples}regex used for validation is '${reasonSource}')`),
    ...findings,
  ];
}
