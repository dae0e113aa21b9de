import { parse } from "../../../api/cel/syntax/parser.ts";
import type { FieldError } from "../../../api/machinery/field-error.ts";
import { bad, duplicate, required } from "../../../api/machinery/findings.ts";
import { domainPrefixedPath } from "../../../api/machinery/prefixed-path.ts";
import type {
  ClaimMappings,
  ClaimOrExpression,
  ExtraMapping,
  PrefixedClaimOrExpression,
} from "./authentication-configuration.ts";
import { type ClaimExpression, compileClaimExpression } from "./claim-expressions.ts";
import type { ClaimRule } from "./compile-rules.ts";
import { usesClaim } from "./uses-claim.ts";

/** Where a part of the user comes from; undefined: there is none. */
export type Mapping =
  | { readonly claim: string; readonly prefix: string }
  | { readonly expression: ClaimExpression }
  | undefined;

export interface Mappings {
  readonly username: Mapping;
  readonly groups: Mapping;
  readonly uid: Mapping;
  readonly extra: readonly { readonly key: string; readonly expression: ClaimExpression }[];
}

interface Compiling {
  readonly findings: FieldError[];
  /** One of them may be what looks at `email_verified`. */
  readonly rules: readonly ClaimRule[];
}

export function compileMappings(mappings: ClaimMappings, at: string, { findings, rules }: Compiling): Mappings {
  const { username: name } = mappings;
  if (name.claim === "" && name.expression === "")
    findings.push(required(`${at}.username`, "claim or expression is required"));
  const username = prefixedMapping(name, `${at}.username`, findings);
  const groups = prefixedMapping(mappings.groups, `${at}.groups`, findings);
  const uid = mapping(mappings.uid, `${at}.uid`, findings);
  const extra = extraMappings(mappings.extra, `${at}.extra`, findings);
  if (username !== undefined && "expression" in username) {
    const looked = [username, ...extra, ...rules].map(({ expression }) => expression.text);
    if (uses(username.expression.text, "email") && !looked.some((text) => uses(text, "email_verified")))
      findings.push(
        bad(
          `${at}.username.expression`,
          name.expression,
          "claims.email_verified must be used in claimMappings.username.expression or claimMappings.extra[*].valueExpression or claimValidationRules[*].expression when claims.email is used in claimMappings.username.expression",
        ),
      );
  }
  return { username, groups, uid, extra };
}

function uses(expression: string, claim: string): boolean {
  return usesClaim(parse(expression), claim);
}

function prefixedMapping(from: PrefixedClaimOrExpression, at: string, findings: FieldError[]): Mapping {
  const { claim, expression, prefix } = from;
  if (claim === "" && expression === "") return undefined;
  if (expression === "" && prefix === undefined)
    findings.push(
      required(
        `${at}.prefix`,
        "prefix is required when claim is set. It can be set to an empty string to disable prefixing",
      ),
    );
  if (claim === "" && prefix !== undefined)
    findings.push(bad(`${at}.prefix`, prefix, "may not be specified when expression is set"));
  return mapping(from, at, findings, prefix);
}

function mapping({ claim, expression }: ClaimOrExpression, at: string, findings: FieldError[], prefix = ""): Mapping {
  if (claim !== "" && expression !== "") findings.push(bad(at, "", "claim and expression can't both be set"));
  else if (expression !== "") {
    const compiled = compileClaimExpression(expression, `${at}.expression`, "mapping");
    if ("expression" in compiled) return compiled;
    findings.push(compiled.problem);
  } else if (claim !== "") return { claim, prefix };
  return undefined;
}

function extraMappings(extra: readonly ExtraMapping[], at: string, findings: FieldError[]): Mappings["extra"] {
  const seen = new Set<string>();
  return extra.flatMap(({ key, valueExpression }, index) => {
    const field = `${at}[${index}]`;
    findings.push(...validateKey(key, `${field}.key`));
    if (seen.has(key)) {
      findings.push(duplicate(`${field}.key`, key));
      return [];
    }
    seen.add(key);
    if (valueExpression === "") {
      findings.push(required(`${field}.valueExpression`));
      return [];
    }
    const compiled = compileClaimExpression(valueExpression, `${field}.valueExpression`, "mapping");
    if ("expression" in compiled) return [{ key, expression: compiled.expression }];
    findings.push(compiled.problem);
    return [];
  });
}

function validateKey(key: string, at: string): FieldError[] {
  const slash = key.indexOf("/");
  const domain = slash < 0 ? "" : key.slice(0, slash);
  const isReserved = ["kubernetes.io", "k8s.io"].some((own) => domain === own || domain.endsWith(`.${own}`));
  return [
    ...domainPrefixedPath(at, key),
    ...(key === key.toLowerCase() ? [] : [bad(at, key, "must be lowercase")]),
    ...(isReserved ? [bad(at, key, "k8s.io, kubernetes.io and their subdomains are reserved for Kubernetes use")] : []),
  ];
}
