import type { FieldError } from "../../../api/machinery/field-error.ts";
import { bad, duplicate, required } from "../../../api/machinery/findings.ts";
import type { ClaimValidationRule, UserValidationRule } from "./authentication-configuration.ts";
import {
  type ClaimExpression,
  compileClaimExpression,
  compileUserRule,
  type UserExpression,
} from "./claim-expressions.ts";

/** What a token's claims must be like. */
export interface ClaimRules {
  /** Claims, and the text that each must be. */
  readonly required: ReadonlyMap<string, string>;
  readonly expressions: readonly ClaimRule[];
}

export interface ClaimRule {
  readonly expression: ClaimExpression;
  readonly message: string;
}

/** What the user must be like who comes out. */
export interface UserRule {
  readonly expression: UserExpression;
  readonly message: string;
}

export function compileClaimRules(
  rules: readonly ClaimValidationRule[],
  at: string,
  findings: FieldError[],
): ClaimRules {
  const claims = new Map<string, string>();
  const seen = new Set<string>();
  const expressions: ClaimRule[] = [];
  for (const [index, rule] of rules.entries()) {
    const field = `${at}[${index}]`;
    const { claim, requiredValue, expression, message } = rule;
    if (claim !== "" && expression !== "") findings.push(bad(field, claim, "claim and expression can't both be set"));
    else if (claim === "" && expression === "") findings.push(required(field, "claim or expression is required"));
    else if (claim !== "") {
      if (message !== "") findings.push(bad(`${field}.message`, message, "may not be specified when claim is set"));
      if (claims.has(claim)) findings.push(duplicate(`${field}.claim`, claim));
      claims.set(claim, requiredValue);
    } else {
      if (requiredValue !== "")
        findings.push(bad(`${field}.requiredValue`, requiredValue, "may not be specified when expression is set"));
      const at = `${field}.expression`;
      if (seen.has(expression)) findings.push(duplicate(at, expression));
      else {
        seen.add(expression);
        const compiled = compileClaimExpression(expression, at, "rule");
        if ("problem" in compiled) findings.push(compiled.problem);
        else expressions.push({ expression: compiled.expression, message });
      }
    }
  }
  return { required: claims, expressions };
}

export function compileUserRules(
  rules: readonly UserValidationRule[],
  at: string,
  findings: FieldError[],
): readonly UserRule[] {
  const seen = new Set<string>();
  return rules.flatMap(({ expression, message }, index) => {
    const field = `${at}[${index}].expression`;
    if (expression === "") findings.push(required(field));
    else if (seen.has(expression)) findings.push(duplicate(field, expression));
    else {
      seen.add(expression);
      const compiled = compileUserRule(expression, field);
      if ("expression" in compiled) return [{ expression: compiled.expression, message }];
      findings.push(compiled.problem);
    }
    return [];
  });
}
