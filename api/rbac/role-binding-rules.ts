import type { RoleRef, Subject } from "../generated/types/rbac-v1.ts";
import { semanticEqual } from "../machinery/equal.ts";
import type { FieldError } from "../machinery/field-error.ts";
import { bad, named, required, requiredName, unsupported, unsupportedInOrder } from "../machinery/findings.ts";
import { dnsSubdomain, pathSegment } from "../machinery/names.ts";
import type { DeepReadonly } from "../machinery/object.ts";

const group = "rbac.authorization.k8s.io";

export function validateRoleRef(ref: DeepReadonly<RoleRef>, kinds: readonly string[]): FieldError[] {
  return [
    ...(ref.apiGroup === group ? [] : [unsupported("roleRef.apiGroup", ref.apiGroup ?? "", [group])]),
    ...(kinds.includes(ref.kind) ? [] : [unsupportedInOrder("roleRef.kind", ref.kind, kinds)]),
    ...requiredName("roleRef.name", ref.name, pathSegment),
  ];
}

/** To grant another role takes another binding: who may write bindings may not thereby escalate old ones. */
export function roleRefUnchanged(ref: DeepReadonly<RoleRef>, old: DeepReadonly<RoleRef>): FieldError[] {
  return semanticEqual(ref, old) ? [] : [bad("roleRef", ref, "cannot change roleRef")];
}

export function validateSubjects(
  subjects: readonly DeepReadonly<Subject>[],
  binding: { readonly namespaced: boolean },
): FieldError[] {
  return subjects.flatMap((subject, index) => validateSubject(subject, `subjects[${index}]`, binding.namespaced));
}

function validateSubject(subject: DeepReadonly<Subject>, path: string, namespaced: boolean): FieldError[] {
  const { kind, name, apiGroup = "", namespace = "" } = subject;
  const findings = name ? [] : [required(`${path}.name`)];
  switch (kind) {
    case "ServiceAccount":
      if (name) findings.push(...named(`${path}.name`, name, dnsSubdomain(name)));
      if (apiGroup !== "") findings.push(unsupported(`${path}.apiGroup`, apiGroup, [""]));
      if (!namespaced && namespace === "") findings.push(required(`${path}.namespace`));
      return findings;
    case "User":
    case "Group":
      if (apiGroup !== group) findings.push(unsupported(`${path}.apiGroup`, apiGroup, [group]));
      return findings;
    default:
      return [...findings, unsupportedInOrder(`${path}.kind`, kind, ["ServiceAccount", "User", "Group"])];
  }
}
