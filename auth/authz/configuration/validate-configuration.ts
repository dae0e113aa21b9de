import { isAbsolute } from "node:path";
import { CelError, type CelEnvironment } from "../../../api/cel/cel.ts";
import { formatDuration } from "../../../api/machinery/duration.ts";
import type { FieldError } from "../../../api/machinery/field-error.ts";
import { bad, duplicate, required, tooMany, unsupported } from "../../../api/machinery/findings.ts";
import { dnsSubdomain } from "../../../api/machinery/names.ts";
import { compileCondition, conditionEnvironment } from "../webhook/match-conditions.ts";
import {
  builtInName,
  builtInTypes,
  type AuthorizationConfiguration,
  type AuthorizerConfiguration,
  type WebhookConfiguration,
} from "./authorization-configuration.ts";

const knownTypes: readonly string[] = [...builtInTypes, "Webhook"];
const second = 1_000_000_000n;
const longestTimeout = 30n * second;
const mostConditions = 64;

/** All that is wrong, in upstream's words, but for the files that it names. */
export function validateAuthorizationConfiguration({ authorizers }: AuthorizationConfiguration): FieldError[] {
  const findings: FieldError[] = [];
  if (authorizers.length === 0)
    findings.push(required("authorizers", "at least one authorization mode must be defined"));
  const types = new Set<string>();
  const names = new Set<string>();
  for (const [index, { type, name, webhook }] of authorizers.entries()) {
    const path = `authorizers[${index}]`;
    const wrongType = typeFindings(`${path}.type`, type, types);
    findings.push(...wrongType);
    if (wrongType.length > 0) continue;
    types.add(type);
    findings.push(...nameFindings(`${path}.name`, name, names));
    names.add(name);
    findings.push(...webhookFindings(path, { type, webhook }));
  }
  return findings;
}

function typeFindings(path: string, type: string, seen: ReadonlySet<string>): FieldError[] {
  if (type === "") return [required(path)];
  if (!knownTypes.includes(type)) return [unsupported(path, type, knownTypes)];
  return seen.has(type) && type !== "Webhook" ? [duplicate(path, type)] : [];
}

function nameFindings(path: string, name: string, seen: ReadonlySet<string>): FieldError[] {
  if (name === "") return [required(path)];
  if (seen.has(name)) return [duplicate(path, name)];
  const problems = dnsSubdomain(name);
  return problems.length === 0 ? [] : [bad(path, name, `authorizer name is invalid: ${problems.join(", ")}`)];
}

function webhookFindings(
  path: string,
  { type, webhook }: Pick<AuthorizerConfiguration, "type" | "webhook">,
): FieldError[] {
  if (type === "Webhook")
    return webhook === undefined
      ? [required(`${path}.webhook`, "required when type=Webhook")]
      : validateWebhook(path, webhook);
  return webhook === undefined ? [] : [bad(`${path}.webhook`, "non-null", "may only be specified when type=Webhook")];
}

/** Upstream's paths leave out `webhook`. */
function validateWebhook(path: string, webhook: WebhookConfiguration): FieldError[] {
  const { timeout, authorizedTTL, unauthorizedTTL, matchConditions } = webhook;
  const { matchConditionSubjectAccessReviewVersion: conditionVersion } = webhook;
  const findings: FieldError[] = [];
  if (timeout === 0n) findings.push(required(`${path}.timeout`));
  else if (timeout < 0n || timeout > longestTimeout)
    findings.push(bad(`${path}.timeout`, formatDuration(timeout), "must be > 0s and <= 30s"));
  for (const [name, ttl] of Object.entries({ authorizedTTL, unauthorizedTTL })) {
    if (ttl === 0n) findings.push(required(`${path}.${name}`));
    else if (ttl < 0n) findings.push(bad(`${path}.${name}`, formatDuration(ttl), "must be > 0s"));
  }
  const { subjectAccessReviewVersion, failurePolicy } = webhook;
  findings.push(...chosen(`${path}.subjectAccessReviewVersion`, subjectAccessReviewVersion, ["v1", "v1beta1"]));
  const conditionPath = `${path}.matchConditionSubjectAccessReviewVersion`;
  if (conditionVersion !== "") findings.push(...chosen(conditionPath, conditionVersion, ["v1"]));
  else if (matchConditions.length > 0)
    findings.push(required(conditionPath, "required if match conditions are specified"));
  findings.push(...chosen(`${path}.failurePolicy`, failurePolicy, ["NoOpinion", "Deny"]));
  findings.push(...connectionFindings(`${path}.connectionInfo`, webhook.connectionInfo));
  return [...findings, ...conditionFindings(`${path}.matchConditions`, matchConditions)];
}

function chosen(path: string, value: string, allowed: readonly string[]): FieldError[] {
  if (value === "") return [required(path)];
  return allowed.includes(value) ? [] : [unsupported(path, value, allowed)];
}

/** There is no cluster around this server whose reviews it could ask for. */
function connectionFindings(
  path: string,
  { type, kubeConfigFile }: WebhookConfiguration["connectionInfo"],
): FieldError[] {
  const wrong = chosen(`${path}.type`, type, ["KubeConfigFile"]);
  if (wrong.length > 0) return wrong;
  if (kubeConfigFile === undefined || kubeConfigFile === "") return [required(`${path}.kubeConfigFile`)];
  return isAbsolute(kubeConfigFile) ? [] : [bad(`${path}.kubeConfigFile`, kubeConfigFile, "must be an absolute path")];
}

function conditionFindings(path: string, conditions: WebhookConfiguration["matchConditions"]): FieldError[] {
  if (conditions.length > mostConditions) return [tooMany(path, conditions.length, mostConditions)];
  const environment = conditionEnvironment();
  const seen = new Set<string>();
  return conditions.flatMap(({ expression }, index): FieldError[] => {
    const at = `${path}[${index}].expression`;
    if (expression.trim() === "") return [required(at)];
    if (seen.has(expression)) return [duplicate(at, expression)];
    seen.add(expression);
    const problem = compileProblem(environment, expression);
    return problem === undefined ? [] : [bad(at, expression, problem)];
  });
}

function compileProblem(environment: CelEnvironment, expression: string): string | undefined {
  try {
    compileCondition(environment, expression);
    return undefined;
  } catch (thrown) {
    if (thrown instanceof CelError) return thrown.message;
    throw thrown;
  }
}

/** What kube-apiserver demands besides: the names of its own authorizers, and those that a change may not take away. */
export function validateBuiltIns(
  { authorizers }: AuthorizationConfiguration,
  requiredTypes: ReadonlySet<string>,
): readonly string[] {
  const own = authorizers.filter(({ type }) => type !== "Webhook");
  const wrongNames = own
    .filter(({ type, name }) => name !== builtInName(type))
    .map(({ type, name }) => `expected name ${builtInName(type)} for authorizer ${type} instead of ${name}`);
  const present = new Set(own.map(({ type }) => type));
  const missing = [...requiredTypes].filter((type) => !present.has(type)).toSorted();
  return [...wrongNames, ...(missing.length === 0 ? [] : [`missing required types: [${missing.join(" ")}]`])];
}
