import type {
  CustomResourceDefinition,
  CustomResourceDefinitionCondition,
  CustomResourceDefinitionVersion,
} from "../generated/types/apiextensions-v1.ts";
import type { DeepReadonly } from "../machinery/object.ts";

export type Definition = DeepReadonly<CustomResourceDefinition>;
export type DefinitionVersion = DeepReadonly<CustomResourceDefinitionVersion>;
export type DefinitionCondition = DeepReadonly<CustomResourceDefinitionCondition>;

/** Instances are deleted before the definition goes. */
export const cleanupFinalizer = "customresourcecleanup.apiextensions.k8s.io";

export type ConditionType =
  | "Established"
  | "NamesAccepted"
  | "Terminating"
  | "NonStructuralSchema"
  | "KubernetesAPIApprovalPolicyConformant";

export function conditionOf(definition: Definition, type: ConditionType): DefinitionCondition | undefined {
  return definition.status?.conditions?.find((condition) => condition.type === type);
}

export function isTrue(definition: Definition, type: ConditionType): boolean {
  return conditionOf(definition, type)?.status === "True";
}

/** `conditions` with this one; its time moves when its status does. `now`: RFC 3339. */
export function withCondition(
  conditions: readonly DefinitionCondition[],
  wanted: Omit<DefinitionCondition, "type" | "lastTransitionTime"> & { readonly type: ConditionType },
  now: string,
): readonly DefinitionCondition[] {
  const old = conditions.find(({ type }) => type === wanted.type);
  if (old === undefined) return [...conditions, { ...wanted, lastTransitionTime: now }];
  const lastTransitionTime = old.status === wanted.status ? (old.lastTransitionTime ?? now) : now;
  return conditions.map((condition) => (condition === old ? { ...wanted, lastTransitionTime } : condition));
}
