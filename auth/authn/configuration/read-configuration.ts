import { isObject } from "../../../api/machinery/members.ts";
import { ApiError } from "../../../api/machinery/status.ts";
import {
  type AnonymousConfiguration,
  type AuthenticationConfiguration,
  AuthenticationConfigurationError,
  type ClaimMappings,
  type ClaimOrExpression,
  type ClaimValidationRule,
  type Issuer,
  type JwtAuthenticator,
  type PrefixedClaimOrExpression,
  type UserValidationRule,
} from "./authentication-configuration.ts";
import { Fields } from "./read-fields.ts";

const kind = "AuthenticationConfiguration";
const group = "apiserver.config.k8s.io";
const versions = new Set(["v1", "v1beta1", "v1alpha1"].map((version) => `${group}/${version}`));

/** A file in YAML or JSON, not yet validated. Throws AuthenticationConfigurationError for what has another form. */
export async function readAuthenticationConfiguration(bytes: Uint8Array): Promise<AuthenticationConfiguration> {
  if (bytes.length === 0) throw new AuthenticationConfigurationError("empty config data");
  const json = await parsed(bytes);
  requireKind(json);
  return Fields.read(json, (fields) => {
    fields.text("apiVersion");
    fields.text("kind");
    return { jwt: fields.structs("jwt", jwtAuthenticator), anonymous: fields.optionalStruct("anonymous", anonymous) };
  });
}

async function parsed(bytes: Uint8Array): Promise<Readonly<Record<string, unknown>>> {
  // Only who configures so pays for the library.
  const { parseYaml } = await import("../../../api/machinery/yaml.ts");
  const problem = (message: string): AuthenticationConfigurationError =>
    new AuthenticationConfigurationError(message.replaceAll("\n", " "));
  try {
    const { value, duplicates } = parseYaml(bytes);
    const [duplicate] = duplicates;
    if (duplicate !== undefined) throw problem(`strict decoding error: ${duplicate}`);
    if (isObject(value)) return value;
  } catch (thrown) {
    if (thrown instanceof ApiError) throw problem(thrown.message);
    throw thrown;
  }
  throw problem("couldn't get version/kind; json parse error: it is no object");
}

function requireKind({ apiVersion = "", kind: found = "" }: Readonly<Record<string, unknown>>): void {
  if (found === "") throw new AuthenticationConfigurationError("Object 'Kind' is missing");
  if (apiVersion === "") throw new AuthenticationConfigurationError("Object 'apiVersion' is missing");
  if (found !== kind || typeof apiVersion !== "string" || !versions.has(apiVersion))
    throw new AuthenticationConfigurationError(
      `no kind ${JSON.stringify(found)} is registered for version ${JSON.stringify(apiVersion)}; it must be ${kind} of ${group}/v1`,
    );
}

function anonymous(fields: Fields): AnonymousConfiguration {
  return {
    enabled: fields.boolean("enabled"),
    conditions: fields.structs("conditions", (condition) => ({ path: condition.text("path") })),
  };
}

function jwtAuthenticator(fields: Fields): JwtAuthenticator {
  return {
    issuer: fields.struct("issuer", issuer),
    claimValidationRules: fields.structs("claimValidationRules", claimValidationRule),
    claimMappings: fields.struct("claimMappings", claimMappings),
    userValidationRules: fields.structs("userValidationRules", userValidationRule),
  };
}

function issuer(fields: Fields): Issuer {
  return {
    url: fields.text("url"),
    discoveryURL: fields.text("discoveryURL"),
    certificateAuthority: fields.text("certificateAuthority"),
    audiences: fields.texts("audiences"),
    audienceMatchPolicy: fields.text("audienceMatchPolicy"),
    egressSelectorType: fields.text("egressSelectorType"),
  };
}

function claimValidationRule(fields: Fields): ClaimValidationRule {
  return {
    claim: fields.text("claim"),
    requiredValue: fields.text("requiredValue"),
    expression: fields.text("expression"),
    message: fields.text("message"),
  };
}

function claimMappings(fields: Fields): ClaimMappings {
  return {
    username: fields.struct("username", prefixed),
    groups: fields.struct("groups", prefixed),
    uid: fields.struct("uid", claimOrExpression),
    extra: fields.structs("extra", (extra) => ({
      key: extra.text("key"),
      valueExpression: extra.text("valueExpression"),
    })),
  };
}

function claimOrExpression(fields: Fields): ClaimOrExpression {
  return { claim: fields.text("claim"), expression: fields.text("expression") };
}

function prefixed(fields: Fields): PrefixedClaimOrExpression {
  return { ...claimOrExpression(fields), prefix: fields.optionalText("prefix") };
}

function userValidationRule(fields: Fields): UserValidationRule {
  return { expression: fields.text("expression"), message: fields.text("message") };
}
