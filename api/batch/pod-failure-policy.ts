import type {
  JobSpec,
  PodFailurePolicyOnExitCodesRequirement,
  PodFailurePolicyOnPodConditionsPattern,
  PodFailurePolicyRule,
} from "../generated/types/batch-v1.ts";
import type { FieldError } from "../machinery/field-error.ts";
import { bad, duplicate, named, required, tooMany, unsupported } from "../machinery/findings.ts";
import { labelKey } from "../machinery/names.ts";
import type { DeepReadonly } from "../machinery/object.ts";

type Spec = DeepReadonly<JobSpec>;

const most = { rules: 20, exitCodes: 255, patterns: 20 };
const actions = ["Count", "FailIndex", "FailJob", "Ignore"];
const operators = ["In", "NotIn"];
const statuses = ["False", "True", "Unknown"];

/** https://kubernetes.io/docs/concepts/workloads/controllers/job/#pod-failure-policy */
export function validatePodFailurePolicy(spec: Spec, path: string): FieldError[] {
  const rules = spec.podFailurePolicy?.rules ?? [];
  const at = `${path}.rules`;
  const pod = spec.template?.spec;
  const names = new Set([...(pod?.containers ?? []), ...(pod?.initContainers ?? [])].map(({ name }) => name));
  return [
    ...(rules.length > most.rules ? [tooMany(at, rules.length, most.rules)] : []),
    ...rules.flatMap((rule, index) => validateRule(rule, `${at}[${index}]`, { spec, names })),
  ];
}

function validateRule(
  { action, onExitCodes, ...rule }: DeepReadonly<PodFailurePolicyRule>,
  path: string,
  { spec, names }: { readonly spec: Spec; readonly names: ReadonlySet<string> },
): FieldError[] {
  const onPodConditions = rule.onPodConditions ?? [];
  const findings = validateChoice(action, `${path}.action`, actions);
  if (action === "FailIndex" && spec.backoffLimitPerIndex === undefined)
    findings.push(bad(`${path}.action`, action, "requires the backoffLimitPerIndex to be set"));
  if (onExitCodes !== undefined) findings.push(...validateExitCodes(onExitCodes, `${path}.onExitCodes`, names));
  findings.push(...validateConditions(onPodConditions, `${path}.onPodConditions`));
  if (onExitCodes !== undefined && onPodConditions.length > 0)
    findings.push({
      type: "Invalid",
      field: path,
      detail: "specifying both OnExitCodes and OnPodConditions is not supported",
    });
  if (onExitCodes === undefined && onPodConditions.length === 0)
    findings.push({
      type: "Invalid",
      field: path,
      detail: "specifying one of OnExitCodes and OnPodConditions is required",
    });
  return findings;
}

/** The list is shown as Go prints it: `["In" "NotIn"]`. */
function validateChoice(value: string, path: string, allowed: readonly string[]): FieldError[] {
  if (!value) return [required(path, `valid values: [${allowed.map((one) => JSON.stringify(one)).join(" ")}]`)];
  return allowed.includes(value) ? [] : [unsupported(path, value, allowed)];
}

function validateExitCodes(
  { operator, containerName, ...requirement }: DeepReadonly<PodFailurePolicyOnExitCodesRequirement>,
  path: string,
  names: ReadonlySet<string>,
): FieldError[] {
  const values = requirement.values ?? [];
  const at = `${path}.values`;
  const findings = validateChoice(operator, `${path}.operator`, operators);
  if (containerName !== undefined && !names.has(containerName)) {
    const detail = "must be one of the container or initContainer names in the pod template";
    findings.push(bad(`${path}.containerName`, containerName, detail));
  }
  if (values.length === 0) findings.push(bad(at, values, "at least one value is required"));
  else if (values.length > most.exitCodes) findings.push(tooMany(at, values.length, most.exitCodes));
  const seen = new Set<number>();
  for (const [index, value] of values.entries()) {
    if (operator === "In" && value === 0)
      findings.push(bad(`${at}[${index}]`, value, "must not be 0 for the In operator"));
    if (seen.has(value)) findings.push(duplicate(`${at}[${index}]`, value));
    seen.add(value);
  }
  if (values.some((value, index) => (values[index - 1] ?? value) > value))
    findings.push(bad(at, values, "must be ordered"));
  return findings;
}

function validateConditions(
  patterns: readonly DeepReadonly<PodFailurePolicyOnPodConditionsPattern>[],
  path: string,
): FieldError[] {
  return [
    ...(patterns.length > most.patterns ? [tooMany(path, patterns.length, most.patterns)] : []),
    ...patterns.flatMap(({ type, status }, index) => [
      ...named(`${path}[${index}].type`, type, labelKey(type)),
      ...validateChoice(status ?? "", `${path}[${index}].status`, statuses),
    ]),
  ];
}
