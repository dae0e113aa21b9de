import { parseDuration } from "../../api/machinery/duration.ts";
import { describeFieldError } from "../../api/machinery/field-error.ts";
import { ApiError } from "../../api/machinery/status.ts";
import {
  type AuthorizationConfiguration,
  type WebhookConfiguration,
  webhookDefaults,
} from "../../auth/authz/configuration/authorization-configuration.ts";
import {
  validateAuthorizationConfiguration,
  validateBuiltIns,
} from "../../auth/authz/configuration/validate-configuration.ts";
import { boolean, document, list, type Reader, refused, struct, text } from "../admission/read-fields.ts";
import { OptionError } from "../option-error.ts";

const duration: Reader<bigint> = (value, path) => {
  const nanos = parseDuration(text(value, path));
  if (nanos === undefined) throw refused(path, `time: invalid duration ${JSON.stringify(value)}`);
  return nanos;
};

const webhookFields = struct({
  authorizedTTL: duration,
  cacheAuthorizedRequests: boolean,
  unauthorizedTTL: duration,
  cacheUnauthorizedRequests: boolean,
  timeout: duration,
  subjectAccessReviewVersion: text,
  matchConditionSubjectAccessReviewVersion: text,
  failurePolicy: text,
  connectionInfo: struct({ type: text, kubeConfigFile: text }),
  matchConditions: list(struct({ expression: text })),
});

const webhook: Reader<WebhookConfiguration> = (value, path) => {
  const { authorizedTTL = 0n, unauthorizedTTL = 0n, connectionInfo = {}, ...read } = webhookFields(value, path);
  const { type = "", kubeConfigFile } = connectionInfo;
  return {
    timeout: read.timeout ?? 0n,
    authorizedTTL: authorizedTTL || webhookDefaults.authorizedTTL,
    unauthorizedTTL: unauthorizedTTL || webhookDefaults.unauthorizedTTL,
    cacheAuthorizedRequests: read.cacheAuthorizedRequests ?? true,
    cacheUnauthorizedRequests: read.cacheUnauthorizedRequests ?? true,
    subjectAccessReviewVersion: read.subjectAccessReviewVersion ?? "",
    matchConditionSubjectAccessReviewVersion: read.matchConditionSubjectAccessReviewVersion ?? "",
    failurePolicy: read.failurePolicy ?? "",
    connectionInfo: { type, kubeConfigFile },
    matchConditions: (read.matchConditions ?? []).map(({ expression = "" }) => ({ expression })),
  };
};

const read = document(
  ["v1", "v1beta1", "v1alpha1"].map((version) => `apiserver.config.k8s.io/${version} AuthorizationConfiguration`),
  { authorizers: list(struct({ type: text, name: text, webhook })) },
);

/** From YAML or JSON. Throws an OptionError with all that is wrong. `requiredTypes` must be among the authorizers. */
export async function readAuthorizationFile(
  bytes: Uint8Array,
  requiredTypes: ReadonlySet<string>,
): Promise<AuthorizationConfiguration> {
  const { authorizers = [] } = read(await parsed(bytes), "");
  const configuration: AuthorizationConfiguration = {
    authorizers: authorizers.map(({ type = "", name = "", webhook: hook }) => ({ type, name, webhook: hook })),
  };
  const findings = validateAuthorizationConfiguration(configuration).map(
    (finding) => `${finding.field}: ${describeFieldError(finding)}`,
  );
  const problems = findings.length > 0 ? findings : validateBuiltIns(configuration, requiredTypes);
  if (problems.length > 0)
    throw new OptionError(problems.length === 1 ? (problems[0] ?? "") : `[${problems.join(", ")}]`);
  return configuration;
}

async function parsed(bytes: Uint8Array): Promise<unknown> {
  // The library is loaded when somebody has a file.
  const { parseYaml } = await import("../../api/machinery/yaml.ts");
  try {
    const { value, duplicates } = parseYaml(bytes);
    if (duplicates[0] !== undefined) throw new OptionError(duplicates[0]);
    return value;
  } catch (thrown) {
    if (thrown instanceof ApiError) throw new OptionError(thrown.message, { cause: thrown });
    throw thrown;
  }
}
