import type { Container, ContainerResizePolicy, ContainerRestartRule } from "../generated/types/core-v1.ts";
import type { FieldError } from "../machinery/field-error.ts";
import { bad, duplicate, oneOf, required, tooLong, unsupported } from "../machinery/findings.ts";
import type { DeepReadonly } from "../machinery/object.ts";

const policies = ["Always", "Never", "OnFailure"];
const mostRules = 20;
const mostExitCodes = 255;

/** A container's own say in whether it is started again (KEP-5307). */
export function validateRestartPolicy(container: DeepReadonly<Container>, path: string): FieldError[] {
  const { restartPolicy, restartPolicyRules: rules = [] } = container;
  const field = `${path}.restartPolicyRules`;
  const findings = oneOf(`${path}.restartPolicy`, restartPolicy, policies);
  if (restartPolicy === undefined && rules.length > 0)
    findings.push(required(`${path}.restartPolicy`, "must specify restartPolicy when restart rules are used"));
  if (rules.length > mostRules) findings.push(tooLong(field, mostRules));
  return [...findings, ...rules.flatMap((rule, index) => validateRule(rule, `${field}[${index}]`))];
}

function validateRule({ action, exitCodes }: DeepReadonly<ContainerRestartRule>, path: string): FieldError[] {
  const findings: FieldError[] = [];
  // Upstream's message leaves out the newer action.
  if (action !== "Restart" && action !== "RestartAllContainers")
    findings.push(unsupported(`${path}.action`, action ?? "", ["Restart"]));
  const at = `${path}.exitCodes`;
  if (exitCodes === undefined) return [...findings, required(at, "must be specified")];
  findings.push(...oneOf(`${at}.operator`, exitCodes.operator ?? "", ["In", "NotIn"]));
  if ((exitCodes.values?.length ?? 0) > mostExitCodes) findings.push(tooLong(`${at}.values`, mostExitCodes));
  return findings;
}

/** What becomes of a container whose resources change in place (KEP-1287). */
export function validateResizePolicy(
  policy: readonly DeepReadonly<ContainerResizePolicy>[],
  podRestartPolicy: string | undefined,
  path: string,
): FieldError[] {
  const seen = new Set<string>();
  return policy.flatMap(({ resourceName = "", restartPolicy = "" }, index) => {
    const findings = seen.has(resourceName) ? [duplicate(`${path}[${index}]`, resourceName)] : [];
    seen.add(resourceName);
    findings.push(...(resourceName === "" ? [required(path)] : oneOf(path, resourceName, ["cpu", "memory"])));
    const restarts = ["NotRequired", "RestartContainer"];
    findings.push(...(restartPolicy === "" ? [required(path)] : oneOf(path, restartPolicy, restarts)));
    if (podRestartPolicy === "Never" && restartPolicy !== "NotRequired")
      findings.push(bad(path, restartPolicy, "must be 'NotRequired' when `restartPolicy` is 'Never'"));
    return findings;
  });
}
