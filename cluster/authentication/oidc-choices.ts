import { AuthenticationConfigurationError } from "../../auth/authn/configuration/authentication-configuration.ts";
import {
  type CompiledConfiguration,
  compileConfiguration,
} from "../../auth/authn/configuration/compile-configuration.ts";
import { signingAlgorithms } from "../../auth/authn/oidc/jwt-authenticator.ts";
import { configurationOfFlags, type OidcFlags } from "../../auth/authn/oidc/oidc-flags.ts";
import { OptionError } from "../option-error.ts";
import { readOptionFile } from "../read-option-file.ts";
import type { OidcChoices } from "./authentication-choices.ts";

/** The one issuer of the flags; undefined without any. Throws an OptionError. */
export async function readOidcFlags(
  choices: OidcChoices,
  issuers: readonly string[],
): Promise<{ readonly configuration: CompiledConfiguration; readonly algorithms: readonly string[] } | undefined> {
  if (Object.keys(choices).length === 0) return undefined;
  const { issuerUrl = "", clientId = "", caFile, signingAlgs: algorithms = ["RS256"] } = choices;
  if (issuerUrl === "" || clientId === "")
    throw new OptionError(
      "oidc-issuer-url and oidc-client-id must be specified together when any oidc-* flags are set",
    );
  const unknown = algorithms.find((algorithm) => !signingAlgorithms.includes(algorithm));
  if (unknown !== undefined)
    throw new OptionError(`--oidc-signing-algs: oidc: unsupported signing alg: ${JSON.stringify(unknown)}`);
  const flags: OidcFlags = {
    ...choices,
    issuerUrl,
    clientId,
    certificateAuthority: caFile === undefined ? "" : await readText("--oidc-ca-file", caFile),
    requiredClaims: new Map((choices.requiredClaims ?? []).map(requiredClaim)),
  };
  try {
    return { configuration: compileConfiguration(configurationOfFlags(flags), issuers), algorithms };
  } catch (thrown) {
    if (thrown instanceof AuthenticationConfigurationError) throw new OptionError(thrown.message, { cause: thrown });
    throw thrown;
  }
}

function requiredClaim(text: string): [string, string] {
  const equals = text.indexOf("=");
  if (equals <= 0) throw new OptionError(`--oidc-required-claim: ${text} is not of the form claim=value`);
  return [text.slice(0, equals), text.slice(equals + 1)];
}

function readText(flag: string, file: string): Promise<string> {
  return readOptionFile({ flag, file }, (bytes) => Buffer.from(bytes).toString(), []);
}
