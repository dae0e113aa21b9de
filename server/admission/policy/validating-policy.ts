import type { ValidatingAdmissionPolicy } from "../../../api/generated/types/admissionregistration-v1.ts";
import type { DeepReadonly } from "../../../api/machinery/object.ts";
import { nameOf } from "./bound-policies.ts";
import { compilePolicy, type CompiledPolicy, type Expression } from "./compiled-policy.ts";

export type DenyReason = "Unauthorized" | "Forbidden" | "Invalid" | "RequestEntityTooLarge";

export interface ValidatingPolicy extends CompiledPolicy {
  readonly validations: readonly CompiledValidation[];
  readonly annotations: readonly { readonly key: string; readonly value: Expression }[];
}

export interface CompiledValidation {
  readonly check: Expression;
  readonly message: string;
  readonly messageExpression: Expression | undefined;
  readonly reason: DenyReason;
}

export function compileValidating(object: DeepReadonly<ValidatingAdmissionPolicy>): ValidatingPolicy {
  const { spec = {} } = object;
  return compilePolicy(nameOf(object), spec, (compile) => ({
    validations: (spec.validations ?? []).map(({ expression, message = "", messageExpression = "", reason }) => ({
      check: compile(expression, "condition"),
      message,
      messageExpression: messageExpression === "" ? undefined : compile(messageExpression, "message"),
      // The API takes no others.
      reason: (reason ?? "Invalid") as DenyReason,
    })),
    annotations: (spec.auditAnnotations ?? []).map(({ key, valueExpression }) => ({
      key,
      value: compile(valueExpression, "annotation"),
    })),
  }));
}
