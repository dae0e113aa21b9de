import type {
  MutatingAdmissionPolicy,
  Mutation as MutationSpec,
} from "../../../api/generated/types/admissionregistration-v1.ts";
import type { DeepReadonly } from "../../../api/machinery/object.ts";
import { nameOf } from "./bound-policies.ts";
import { compilePolicy, type CompiledPolicy, type Expression } from "./compiled-policy.ts";
import type { CompiledMutation } from "./mutation.ts";

export interface MutatingPolicy extends CompiledPolicy {
  readonly mutations: readonly CompiledMutation[];
  /** Asked again when others change the object after it: reinvocationPolicy IfNeeded. */
  readonly isReinvoked: boolean;
}

export function compileMutating(object: DeepReadonly<MutatingAdmissionPolicy>): MutatingPolicy {
  const { spec = {} } = object;
  return compilePolicy(nameOf(object), spec, (compile) => ({
    mutations: (spec.mutations ?? []).map((one) => compileMutation(one, compile)),
    isReinvoked: spec.reinvocationPolicy === "IfNeeded",
  }));
}

function compileMutation(
  { patchType, applyConfiguration, jsonPatch }: DeepReadonly<MutationSpec>,
  compile: (text: string, purpose: CompiledMutation["type"]) => Expression,
): CompiledMutation {
  const type = patchType === "JSONPatch" ? "jsonPatch" : "applyConfiguration";
  const { expression = "" } = (type === "jsonPatch" ? jsonPatch : applyConfiguration) ?? {};
  return { type, expression: compile(expression, type) };
}
