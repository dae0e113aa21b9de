import type { MutatingWebhook, ValidatingWebhook } from "../generated/types/admissionregistration-v1.ts";
import type { FieldError } from "../machinery/field-error.ts";
import { bad, duplicate, named, required, oneOf } from "../machinery/findings.ts";
import { validateLabelSelector } from "../machinery/label-validation.ts";
import { dns1035Label, dnsSubdomain } from "../machinery/names.ts";
import type { DeepReadonly } from "../machinery/object.ts";
import { validateWebhookConditions } from "./expressions.ts";
import { validateMatchConditions } from "./policy-rules.ts";
import { validateRule } from "./request-rules.ts";
import { validateClientConfig } from "./webhook-client-config.ts";

type Webhook = DeepReadonly<ValidatingWebhook | MutatingWebhook>;

export function validateWebhooks(webhooks: readonly Webhook[]): FieldError[] {
  const seen = new Set<string>();
  const findings: FieldError[] = [];
  for (const [index, webhook] of webhooks.entries()) {
    const path = `webhooks[${index}]`;
    findings.push(...validateWebhook(webhook, path));
    if (seen.has(webhook.name)) findings.push(duplicate(`${path}.name`, webhook.name));
    seen.add(webhook.name);
  }
  return findings;
}

function validateWebhook(webhook: Webhook, path: string): FieldError[] {
  return [
    ...validateName(webhook.name, `${path}.name`),
    ...validateReviewVersions(webhook.admissionReviewVersions ?? [], `${path}.admissionReviewVersions`),
    ...(webhook.rules ?? []).flatMap((rule, index) => validateRule(rule, `${path}.rules[${index}]`)),
    ...oneOf(`${path}.failurePolicy`, webhook.failurePolicy, ["Fail", "Ignore"]),
    ...oneOf(`${path}.matchPolicy`, webhook.matchPolicy, ["Equivalent", "Exact"]),
    ...validateSideEffects(webhook.sideEffects, `${path}.sideEffects`),
    ...validateTimeout(webhook.timeoutSeconds, `${path}.timeoutSeconds`),
    ...validateLabelSelector(webhook.namespaceSelector, `${path}.namespaceSelector`),
    ...validateLabelSelector(webhook.objectSelector, `${path}.objectSelector`),
    ...validateClientConfig(webhook.clientConfig, `${path}.clientConfig`),
    ...validateMatchConditions(webhook.matchConditions ?? [], `${path}.matchConditions`),
    ...validateWebhookConditions(webhook.matchConditions ?? [], `${path}.matchConditions`),
  ];
}

/** Fully qualified, so that configurations of different makers never clash: `policy.team.example.com`. */
function validateName(name: string, path: string): FieldError[] {
  if (!name) return [required(path)];
  const problems = dnsSubdomain(name);
  if (problems.length > 0) return named(path, name, problems);
  if (name.split(".").length >= 3) return [];
  return [bad(path, name, "should be a domain with at least three segments separated by dots")];
}

const spoken = ["v1", "v1beta1"];

function validateReviewVersions(versions: readonly string[], path: string): FieldError[] {
  if (versions.length === 0) return [required(path, `must specify one of ${spoken.join(", ")}`)];
  const findings: FieldError[] = [];
  for (const [index, version] of versions.entries()) {
    const at = `${path}[${index}]`;
    if (versions.indexOf(version) !== index) findings.push(bad(at, version, "duplicate version"));
    findings.push(...named(at, version, dns1035Label(version)));
  }
  if (findings.length === 0 && !versions.some((version) => spoken.includes(version))) {
    findings.push(bad(path, versions, `must include at least one of ${spoken.join(", ")}`));
  }
  return findings;
}

const harmless = ["None", "NoneOnDryRun"];

/** v1 takes only webhooks that a dry run may call. */
function validateSideEffects(sideEffects: string | null, path: string): FieldError[] {
  if (!sideEffects) return [required(path, `must specify one of ${harmless.join(", ")}`)];
  return oneOf(path, sideEffects, harmless);
}

function validateTimeout(seconds: number | undefined, path: string): FieldError[] {
  if (seconds === undefined || (seconds >= 1 && seconds <= 30)) return [];
  return [bad(path, seconds, "the timeout value must be between 1 and 30 seconds")];
}
