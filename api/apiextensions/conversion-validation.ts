import { validateClientConfig } from "../admissionregistration/webhook-client-config.ts";
import type { CustomResourceConversion, WebhookClientConfig } from "../generated/types/apiextensions-v1.ts";
import type { FieldError } from "../machinery/field-error.ts";
import { bad, forbidden, named, required, unsupported } from "../machinery/findings.ts";
import { dns1035Label } from "../machinery/names.ts";
import type { DeepReadonly } from "../machinery/object.ts";

type ConversionSpec = DeepReadonly<CustomResourceConversion>;

type ClientConfig = DeepReadonly<WebhookClientConfig>;

const path = "spec.conversion";
/** ConversionReview versions that the server speaks. */
export const spokenReviewVersions: readonly string[] = ["v1", "v1beta1"];

/** Fields have the names of upstream's internal type here, which is what its messages say. */
export function validateConversion(
  conversion: ConversionSpec | undefined,
  old: ConversionSpec | undefined,
): FieldError[] {
  if (conversion === undefined) return [];
  const { strategy, webhook } = conversion;
  if (strategy === "Webhook") return validateWebhook(webhook, old);
  return [...validateStrategy(strategy), ...refuseWebhook(webhook)];
}

function validateStrategy(strategy: string): FieldError[] {
  if (!strategy) return [required(`${path}.strategy`)];
  return strategy === "None" ? [] : [unsupported(`${path}.strategy`, strategy, ["None", "Webhook"])];
}

function refuseWebhook(webhook: ConversionSpec["webhook"]): FieldError[] {
  const detail = "should not be set when strategy is not set to Webhook";
  return [
    ...(webhook?.clientConfig === undefined ? [] : [forbidden(`${path}.webhookClientConfig`, detail)]),
    ...((webhook?.conversionReviewVersions ?? []).length === 0
      ? []
      : [forbidden(`${path}.conversionReviewVersions`, detail)]),
  ];
}

function validateWebhook(webhook: ConversionSpec["webhook"], old: ConversionSpec | undefined): FieldError[] {
  const versions = webhook?.conversionReviewVersions ?? [];
  const isLenient = old !== undefined && !isUnderstood(old.webhook?.conversionReviewVersions ?? []);
  return [
    ...(webhook?.clientConfig === undefined
      ? [required(`${path}.webhookClientConfig`, "required when strategy is set to Webhook")]
      : validateClientConfig(swapped(webhook.clientConfig), `${path}.webhookClientConfig`)),
    ...validateReviewVersions(versions, isLenient),
  ];
}

/** Where a service's name is missing, upstream says that it is the namespace, and the other way round. */
function swapped(config: ClientConfig): ClientConfig {
  const { service } = config;
  if (service === undefined) return config;
  return { ...config, service: { ...service, name: service.namespace, namespace: service.name } };
}

function isUnderstood(versions: readonly string[]): boolean {
  return versions.length === 0 || versions.some((version) => spokenReviewVersions.includes(version));
}

function validateReviewVersions(versions: readonly string[], isLenient: boolean): FieldError[] {
  const field = `${path}.conversionReviewVersions`;
  if (versions.length === 0) return [required(field)];
  const findings = versions.flatMap((version, index) => {
    if (versions.indexOf(version) !== index) return [bad(`${field}[${index}]`, version, "duplicate version")];
    return named(`${field}[${index}]`, version, dns1035Label(version));
  });
  if (!isLenient && !isUnderstood(versions))
    findings.push(bad(field, versions, `must include at least one of ${spokenReviewVersions.join(", ")}`));
  return findings;
}

/** A bundle without a certificate is let pass as long as the definition is not established, or had no better one. */
export function validateCaBundle(
  conversion: ConversionSpec | undefined,
  old: ConversionSpec | undefined,
): FieldError[] {
  const bundle = bundleOf(conversion);
  const before = bundleOf(old);
  if (bundle === "" || hasCertificate(bundle) || (before !== "" && !hasCertificate(before))) return [];
  const detail = "unable to load root certificates: unable to parse bytes as PEM block";
  return [bad(`${path}.webhookClientConfig.caBundle`, bundle, detail)];
}

function bundleOf(conversion: ConversionSpec | undefined): string {
  return conversion?.strategy === "Webhook" ? (conversion.webhook?.clientConfig?.caBundle ?? "") : "";
}

/** `bundle` is base64 of PEM. */
function hasCertificate(bundle: string): boolean {
  const text = Buffer.from(bundle, "base64").toString("latin1");
  const block = /-----BEGIN CERTIFICATE-----([A-Za-z0-9+/=\s]+)-----END CERTIFICATE-----/.exec(text)?.[1];
  // DER of a certificate is a sequence.
  return block !== undefined && Buffer.from(block, "base64")[0] === 0x30;
}
