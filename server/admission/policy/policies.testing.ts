import type {
  MutatingAdmissionPolicyBindingSpec,
  MutatingAdmissionPolicySpec,
  NamedRuleWithOperations,
  ValidatingAdmissionPolicyBindingSpec,
  ValidatingAdmissionPolicySpec,
} from "../../../api/generated/types/admissionregistration-v1.ts";
import { allowed, type Attributes, type Decision, noOpinion } from "../../../auth/authz/authorizer.ts";
import type { Kind } from "../../encoding/kind.ts";
import { holding, kindOf, type HeldObjects } from "../objects.testing.ts";
import type { AdmissionPlugin } from "../plugin.ts";
import { mutatingAdmissionPolicy } from "./mutating.ts";
import { validatingAdmissionPolicy } from "./validating.ts";

/** Both plugins over a cluster in memory. Policies of the name `p` are bound by `b`. */
export interface PolicyTrial {
  readonly objects: HeldObjects;
  readonly validating: AdmissionPlugin;
  readonly mutating: AdmissionPlugin;
  /** What the authorizer was asked. */
  readonly asked: readonly Attributes[];
  validate(
    spec: ValidatingAdmissionPolicySpec,
    binding?: Partial<ValidatingAdmissionPolicyBindingSpec>,
    name?: string,
  ): void;
  mutate(spec: MutatingAdmissionPolicySpec, binding?: Partial<MutatingAdmissionPolicyBindingSpec>, name?: string): void;
}

export const everything: NamedRuleWithOperations = {
  operations: ["*"],
  apiGroups: ["*"],
  apiVersions: ["*"],
  resources: ["*"],
  scope: "*",
};

/** Everybody may get things and watch them, which takes a while to decide, and nothing else. */
function authorize({ verb }: Attributes): Decision | Promise<Decision> {
  if (verb === "watch") return Promise.resolve(allowed);
  return verb === "get" ? allowed : noOpinion;
}

export function startPolicies(kinds: readonly Kind[] = []): PolicyTrial {
  const objects = holding({
    namespaces: [{ metadata: { name: "ns", labels: { team: "a" }, uid: "u", managedFields: [] } }],
  });
  const asked: Attributes[] = [];
  const known = (resource: string): Kind | undefined =>
    kinds.find(({ row }) => `${row.plural}.${row.group}` === resource) ?? kindOf(resource);
  const deps = {
    reader: objects,
    kindOf: known,
    authorize: (attributes: Attributes) => {
      asked.push(attributes);
      return authorize(attributes);
    },
    resourcesOf: (apiVersion: string, kind: string) =>
      [kindOf("configmaps"), kindOf("namespaces"), kindOf("horizontalpodautoscalers.autoscaling"), ...kinds].flatMap(
        ({ row, versions }) =>
          [...versions.values()]
            .filter((version) => version.apiVersion === apiVersion && row.kind === kind)
            .map(({ served: { group, version } }) => ({
              group,
              version,
              resource: row.plural,
              namespaced: row.scope === "Namespaced",
            })),
      ),
    codecOf: () => undefined,
  };
  const put = (type: "validating" | "mutating", name: string, policy: object, binding: object): void => {
    const matched = {
      failurePolicy: "Fail",
      matchConstraints: { matchPolicy: "Equivalent", resourceRules: [everything] },
      ...policy,
    };
    const group = "admissionregistration.k8s.io";
    const [bound, bindings] = [`${type}admissionpolicies.${group}`, `${type}admissionpolicybindings.${group}`];
    const ofPolicy: object = { metadata: { name }, spec: matched };
    const ofBinding: object = {
      metadata: { name: name.replace("p", "b") },
      spec: { policyName: name, validationActions: ["Deny"], ...binding },
    };
    objects.put(bound, ofPolicy);
    objects.put(bindings, ofBinding);
  };
  return {
    objects,
    asked,
    validating: validatingAdmissionPolicy(deps),
    mutating: mutatingAdmissionPolicy(deps),
    validate: (spec, binding = {}, name = "p") => put("validating", name, spec, binding),
    mutate: (spec, binding = {}, name = "p") => put("mutating", name, spec, binding),
  };
}
