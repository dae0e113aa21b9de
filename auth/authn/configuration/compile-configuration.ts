import { describeFieldError, type FieldError } from "../../../api/machinery/field-error.ts";
import { bad, duplicate, tooMany } from "../../../api/machinery/findings.ts";
import {
  type AnonymousConfiguration,
  type AuthenticationConfiguration,
  AuthenticationConfigurationError,
  type Issuer,
  type JwtAuthenticator,
} from "./authentication-configuration.ts";
import { compileMappings, type Mappings } from "./compile-mappings.ts";
import { compileClaimRules, compileUserRules, type ClaimRules, type UserRule } from "./compile-rules.ts";
import { validateIssuer } from "./validate-issuer.ts";

/** A valid configuration, ready to be used. */
export interface CompiledConfiguration {
  readonly jwt: readonly CompiledJwt[];
  readonly anonymous: AnonymousConfiguration | undefined;
}

export interface CompiledJwt {
  readonly issuer: Issuer;
  readonly claimRules: ClaimRules;
  readonly mappings: Mappings;
  readonly userRules: readonly UserRule[];
}

const mostIssuers = 64;

/**
 * Throws AuthenticationConfigurationError with every finding, in upstream's words.
 * `disallowed`: the issuers of this server's own tokens.
 */
export function compileConfiguration(
  { jwt, anonymous }: AuthenticationConfiguration,
  disallowed: readonly string[],
): CompiledConfiguration {
  if (jwt.length > mostIssuers) throw invalid([tooMany("jwt", jwt.length, mostIssuers)]);
  const findings: FieldError[] = [];
  const compiled = jwt.map((one, index) => {
    const at = `jwt[${index}]`;
    const ready = compileJwt(one, at, { disallowed, findings });
    findings.push(...repeated(jwt, index, at));
    return ready;
  });
  if (anonymous !== undefined && !anonymous.enabled && anonymous.conditions.length > 0)
    findings.push(
      bad("anonymous.conditions", anonymous.conditions, "enabled should be set to true when conditions are defined"),
    );
  if (findings.length > 0) throw invalid(findings);
  return { jwt: compiled, anonymous };
}

interface Validation {
  readonly disallowed: readonly string[];
  readonly findings: FieldError[];
}

function compileJwt(jwt: JwtAuthenticator, at: string, { disallowed, findings }: Validation): CompiledJwt {
  findings.push(...validateIssuer(jwt.issuer, `${at}.issuer`, disallowed));
  const rules = compileClaimRules(jwt.claimValidationRules, `${at}.claimValidationRules`, findings);
  const mappings = compileMappings(jwt.claimMappings, `${at}.claimMappings`, { findings, rules: rules.expressions });
  const userRules = compileUserRules(jwt.userValidationRules, `${at}.userValidationRules`, findings);
  return { issuer: jwt.issuer, claimRules: rules, mappings, userRules };
}

function repeated(jwt: readonly JwtAuthenticator[], index: number, at: string): FieldError[] {
  const { url = "", discoveryURL = "" } = jwt[index]?.issuer ?? {};
  const before = jwt.slice(0, index).map(({ issuer }) => issuer);
  return [
    ...(before.some((issuer) => issuer.url === url) ? [duplicate(`${at}.issuer.url`, url)] : []),
    ...(discoveryURL !== "" && before.some((issuer) => issuer.discoveryURL === discoveryURL)
      ? [duplicate(`${at}.issuer.discoveryURL`, discoveryURL)]
      : []),
  ];
}

function invalid(findings: readonly FieldError[]): AuthenticationConfigurationError {
  const said = findings.map((finding) => `${finding.field}: ${describeFieldError(finding)}`);
  return new AuthenticationConfigurationError(
    `invalid authentication configuration: ${said.length === 1 ? said[0] : `[${said.join(", ")}]`}`,
  );
}
