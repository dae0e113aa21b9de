/** Whether the expressions of policies and webhooks compile, which is told when they are written. */
import type {
  AuditAnnotation,
  MatchCondition,
  MutatingAdmissionPolicySpec,
  Mutation,
  Validation,
  ValidatingAdmissionPolicySpec,
} from "../generated/types/admissionregistration-v1.ts";
import type { FieldError } from "../machinery/field-error.ts";
import { bad } from "../machinery/findings.ts";
import type { DeepReadonly } from "../machinery/object.ts";
import {
  compileWebhookCondition,
  createPolicyCompiler,
  type Compiled,
  type PolicyCompiler,
} from "./policy-compiler.ts";

type Spec = DeepReadonly<ValidatingAdmissionPolicySpec & MutatingAdmissionPolicySpec>;
type Conditions = readonly DeepReadonly<MatchCondition>[];

/** All expressions of a validating or mutating policy; those that are blank are others' business. */
export function validatePolicyExpressions(
  spec: DeepReadonly<ValidatingAdmissionPolicySpec> | DeepReadonly<MutatingAdmissionPolicySpec>,
): FieldError[] {
  const { paramKind, matchConditions = [], variables = [], validations, auditAnnotations, mutations }: Spec = spec;
  const hasParams = paramKind !== undefined;
  const compiler = createPolicyCompiler({ hasParams, hasVariables: variables.length > 0 });
  // Upstream knows no variables here, though they could be evaluated.
  const ofConditions = createPolicyCompiler({ hasParams, hasVariables: false });
  return [
    ...conditionFindings(matchConditions, "spec.matchConditions", (text) => ofConditions.compile(text, "condition")),
    ...variables.flatMap(({ name, expression }, index) =>
      finding(`spec.variables[${index}].expression`, expression, (text) => compiler.variable(name, text)),
    ),
    ...(validations ?? []).flatMap((one, index) => ofValidation(one, `spec.validations[${index}]`, compiler)),
    ...(auditAnnotations ?? []).flatMap((one, index) =>
      ofAnnotation(one, `spec.auditAnnotations[${index}].valueExpression`, compiler),
    ),
    ...(mutations ?? []).flatMap((one, index) => ofMutation(one, `spec.mutations[${index}]`, compiler)),
  ];
}

/** The match conditions of one webhook, below `path`: `webhooks[0].matchConditions`. */
export function validateWebhookConditions(conditions: Conditions, path: string): FieldError[] {
  return conditionFindings(conditions, path, compileWebhookCondition);
}

function conditionFindings(conditions: Conditions, path: string, compile: (text: string) => Compiled): FieldError[] {
  return conditions.flatMap(({ expression }, index) =>
    finding(`${path}[${index}].expression`, expression.trim(), compile),
  );
}

function ofValidation(
  { expression, messageExpression }: DeepReadonly<Validation>,
  path: string,
  compiler: PolicyCompiler,
): FieldError[] {
  return [
    ...finding(`${path}.expression`, expression, (text) => compiler.compile(text, "condition")),
    ...finding(`${path}.messageExpression`, messageExpression, (text) => compiler.compile(text, "message")),
  ];
}

const longestValueExpression = 5 * 1024;

function ofAnnotation(
  { valueExpression }: DeepReadonly<AuditAnnotation>,
  path: string,
  compiler: PolicyCompiler,
): FieldError[] {
  const trimmed = valueExpression.trim();
  if (Buffer.byteLength(trimmed) > longestValueExpression)
    return [{ type: "Required", field: path, detail: `must not exceed ${longestValueExpression} bytes in length` }];
  return finding(path, valueExpression, () => compiler.compile(trimmed, "annotation"));
}

function ofMutation(
  { patchType, applyConfiguration, jsonPatch }: DeepReadonly<Mutation>,
  path: string,
  compiler: PolicyCompiler,
): FieldError[] {
  if (patchType === "ApplyConfiguration")
    return finding(`${path}.applyConfiguration.expression`, applyConfiguration?.expression, (text) =>
      compiler.compile(text, "applyConfiguration"),
    );
  if (patchType !== "JSONPatch") return [];
  return finding(`${path}.jsonPatch.expression`, jsonPatch?.expression, (text) => compiler.compile(text, "jsonPatch"));
}

function finding(field: string, expression: string | undefined, compile: (text: string) => Compiled): FieldError[] {
  if (expression === undefined || expression.trim() === "") return [];
  const compiled = compile(expression);
  if ("program" in compiled) return [];
  const { problem, internal } = compiled;
  return [internal ? { type: "InternalError", field, detail: problem } : bad(field, expression, problem)];
}
