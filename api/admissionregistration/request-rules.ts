import type { RuleWithOperations } from "../generated/types/admissionregistration-v1.ts";
import type { FieldError } from "../machinery/field-error.ts";
import { bad, required, unsupported, oneOf } from "../machinery/findings.ts";
import type { DeepReadonly } from "../machinery/object.ts";

const operations = ["*", "CONNECT", "CREATE", "DELETE", "UPDATE"];
const scopes = ["*", "Cluster", "Namespaced"];

/** Which requests a webhook or a policy is asked about: operations on resources of API groups and versions. */
export function validateRule(rule: DeepReadonly<RuleWithOperations>, path: string): FieldError[] {
  const chosen = rule.operations ?? [];
  const findings = [
    ...starStandsAlone(chosen, `${path}.operations`, "operations"),
    ...chosen.flatMap((operation, index) =>
      operations.includes(operation) ? [] : [unsupported(`${path}.operations[${index}]`, operation, operations)],
    ),
    ...starStandsAlone(rule.apiGroups ?? [], `${path}.apiGroups`, "API groups"),
    ...starStandsAlone(rule.apiVersions ?? [], `${path}.apiVersions`, "API versions"),
    ...emptyMembers(rule.apiVersions ?? [], `${path}.apiVersions`),
    ...validateResources(rule.resources ?? [], `${path}.resources`),
  ];
  return [...findings, ...oneOf(`${path}.scope`, rule.scope, scopes)];
}

function starStandsAlone(list: readonly string[], path: string, what: string): FieldError[] {
  if (list.length === 0) return [required(path)];
  if (list.length === 1 || !list.includes("*")) return [];
  return [bad(path, list, `if '*' is present, must not specify other ${what}`)];
}

function emptyMembers(list: readonly string[], path: string): FieldError[] {
  return list.flatMap((member, index) => (member === "" ? [required(`${path}[${index}]`)] : []));
}

/** `*` is every resource without its subresources, `pods/*` all of a pod, `*` + `/*` everything. */
function validateResources(resources: readonly string[], path: string): FieldError[] {
  if (resources.length === 0) return [required(path)];
  const findings = emptyMembers(resources, path);
  if (resources.includes("*/*") && resources.length > 1) {
    findings.push(bad(path, resources, "if '*/*' is present, must not specify other resources"));
  }
  if (resources.includes("*") && resources.some((resource) => resource !== "*" && !resource.includes("/"))) {
    findings.push(bad(path, resources, "if '*' is present, must not specify other resources without subresources"));
  }
  for (const [index, resource] of resources.entries()) {
    const [parent, sub] = resource.split("/");
    if (sub === undefined || sub === "") continue;
    const covered = resource !== `${parent}/*` && resources.includes(`${parent}/*`);
    if (covered) {
      findings.push(bad(`${path}[${index}]`, resource, `if '${parent}/*' is present, must not specify ${resource}`));
    } else if (resource !== `*/${sub}` && resources.includes(`*/${sub}`)) {
      findings.push(bad(`${path}[${index}]`, resource, `if '*/${sub}' is present, must not specify ${resource}`));
    }
  }
  return findings;
}
