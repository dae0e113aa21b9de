import { createPolicyCompiler } from "../../../api/admissionregistration/policy-compiler.ts";
import type { CelType } from "../../../api/cel/cel.ts";
import type {
  ExpressionWarning,
  ValidatingAdmissionPolicy,
  ValidatingAdmissionPolicySpec,
} from "../../../api/generated/types/admissionregistration-v1.ts";
import type { DeepReadonly } from "../../../api/machinery/object.ts";

/** A kind that a policy's expressions are checked against. */
export interface CheckedKind {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly type: CelType;
}

export interface CheckedTypes {
  readonly objects: readonly CheckedKind[];
  /** Undefined: there are no parameters, or nothing is known of them. */
  readonly params: CelType | undefined;
}

/**
 * What the status of a policy should say of its expressions.
 * https://kubernetes.io/docs/reference/access-authn-authz/validating-admission-policy/#type-checking
 */
export function planTypeChecking(
  { metadata, spec = {} }: DeepReadonly<ValidatingAdmissionPolicy>,
  types: CheckedTypes,
): NonNullable<ValidatingAdmissionPolicy["status"]> {
  const expressionWarnings = warningsOf(spec, types);
  return {
    observedGeneration: metadata?.generation ?? 0,
    typeChecking: expressionWarnings.length === 0 ? {} : { expressionWarnings },
  };
}

/** Whether a policy has changed since it was last checked. */
export function isUnchecked({ metadata, status }: DeepReadonly<ValidatingAdmissionPolicy>): boolean {
  return (metadata?.generation ?? 0) > (status?.observedGeneration ?? 0);
}

function warningsOf(spec: DeepReadonly<ValidatingAdmissionPolicySpec>, types: CheckedTypes): ExpressionWarning[] {
  const checks = types.objects.map((kind) => checkAgainst(kind, spec, types.params));
  const warnings: ExpressionWarning[] = [];
  const check = (fieldRef: string, expression: string): void => {
    const found = checks.map((issues) => issues(expression)).filter((text) => text !== "");
    if (found.length > 0) warnings.push({ fieldRef, warning: found.join("\n") });
  };
  for (const [index, { expression, messageExpression = "" }] of (spec.validations ?? []).entries()) {
    check(`spec.validations[${index}].expression`, expression);
    if (messageExpression !== "") check(`spec.validations[${index}].messageExpression`, messageExpression);
  }
  return warnings;
}

/** The result tells what is wrong with an expression; "" if nothing is. */
function checkAgainst(
  { group, version, kind, type }: CheckedKind,
  { variables = [] }: DeepReadonly<ValidatingAdmissionPolicySpec>,
  params: CelType | undefined,
): (expression: string) => string {
  const compiler = createPolicyCompiler({
    hasParams: params !== undefined,
    hasVariables: true,
    object: type,
    ...(params === undefined ? {} : { params }),
  });
  for (const { name, expression } of variables) compiler.variable(name, expression);
  return (expression) => {
    // Of whatever type: what an expression must evaluate to was checked when it was written.
    const compiled = compiler.compile(expression, "variable");
    if (!("issues" in compiled) || compiled.issues === undefined) return "";
    return `${group}/${version}, Kind=${kind}: ${compiled.issues}\n`;
  };
}
