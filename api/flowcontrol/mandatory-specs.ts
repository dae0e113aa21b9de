import type { FlowSchemaSpec, PriorityLevelConfigurationSpec } from "../generated/types/flowcontrol-v1.ts";
import { semanticEqual } from "../machinery/equal.ts";
import type { FieldError } from "../machinery/field-error.ts";
import { bad } from "../machinery/findings.ts";

const everything = {
  resourceRules: [{ verbs: ["*"], apiGroups: ["*"], resources: ["*"], clusterScope: true, namespaces: ["*"] }],
  nonResourceRules: [{ verbs: ["*"], nonResourceURLs: ["*"] }],
};

function groups(...names: string[]): NonNullable<FlowSchemaSpec["rules"]>[number]["subjects"] {
  return names.map((name) => ({ kind: "Group", group: { name } }));
}

/** https://kubernetes.io/docs/concepts/cluster-administration/flow-control/#mandatory-configuration-objects */
export const mandatorySchemas: Readonly<Record<string, FlowSchemaSpec>> = {
  exempt: {
    priorityLevelConfiguration: { name: "exempt" },
    matchingPrecedence: 1,
    rules: [{ subjects: groups("system:masters"), ...everything }],
  },
  "catch-all": {
    priorityLevelConfiguration: { name: "catch-all" },
    matchingPrecedence: 10_000,
    distinguisherMethod: { type: "ByUser" },
    rules: [{ subjects: groups("system:unauthenticated", "system:authenticated"), ...everything }],
  },
};

export const mandatoryLevels: Readonly<Record<string, PriorityLevelConfigurationSpec>> = {
  exempt: { type: "Exempt", exempt: { nominalConcurrencyShares: 0, lendablePercent: 0 } },
  "catch-all": {
    type: "Limited",
    limited: { nominalConcurrencyShares: 5, lendablePercent: 0, limitResponse: { type: "Reject" } },
  },
};

/** What keeps a server reachable cannot be changed; of the exempt level only what it lends can. */
export function validateMandatory(name: string, spec: object, specs: Readonly<Record<string, object>>): FieldError[] {
  if (!Object.hasOwn(specs, name) || semanticEqual(spec, specs[name])) return [];
  return [bad("spec", spec, `spec of '${name}' must equal the fixed value`)];
}

/** A condition of each type. */
export function validateConditions(conditions: readonly { readonly type?: string }[]): FieldError[] {
  const seen = new Set<string>();
  return conditions.flatMap(({ type = "" }, index) => {
    const path = `status.conditions[${index}].type`;
    const findings: FieldError[] = seen.has(type) ? [{ type: "Duplicate", field: path, value: type, detail: "" }] : [];
    seen.add(type);
    if (type === "") findings.push({ type: "Required", field: path, detail: "must not be empty" });
    return findings;
  });
}
