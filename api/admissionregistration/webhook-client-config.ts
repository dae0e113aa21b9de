import type { WebhookClientConfig } from "../generated/types/admissionregistration-v1.ts";
import type { FieldError } from "../machinery/field-error.ts";
import { bad, required } from "../machinery/findings.ts";
import { portNumber } from "../machinery/names.ts";
import type { DeepReadonly } from "../machinery/object.ts";

/** Where a webhook is: at a URL, or behind a service. Conversion webhooks of CRDs are told in the same way. */
export function validateClientConfig(config: DeepReadonly<WebhookClientConfig>, path: string): FieldError[] {
  const { url, service } = config;
  if ((url === undefined) === (service === undefined)) {
    return [required(path, "exactly one of url or service is required")];
  }
  if (url !== undefined) return validateUrl(url, `${path}.url`);
  return service === undefined ? [] : validateService(service, `${path}.service`);
}

const form = "; desired format: https://host[:port][/path]";

function validateUrl(text: string, path: string): FieldError[] {
  if (!URL.canParse(text)) return [required(path, `url must be a valid URL${form}`)];
  const url = new URL(text);
  const findings: FieldError[] = [];
  const refuse = (value: string, why: string): void => void findings.push(bad(path, value, why + form));
  if (url.protocol !== "https:") refuse(url.protocol.slice(0, -1), "'https' is the only allowed URL scheme");
  if (url.host === "") refuse(url.host, "host must be specified");
  if (url.username !== "" || url.password !== "") refuse(url.username, "user information is not permitted in the URL");
  if (url.hash !== "") refuse(url.hash.slice(1), "fragments are not permitted in the URL");
  if (url.search !== "") refuse(url.search.slice(1), "query parameters are not permitted in the URL");
  return findings;
}

function validateService(
  { name, namespace, path: urlPath, port = 443 }: NonNullable<DeepReadonly<WebhookClientConfig["service"]>>,
  path: string,
): FieldError[] {
  const findings: FieldError[] = [];
  if (!name) findings.push(required(`${path}.name`, "service name is required"));
  if (!namespace) findings.push(required(`${path}.namespace`, "service namespace is required"));
  if (urlPath !== undefined && !urlPath.startsWith("/")) {
    findings.push(bad(`${path}.path`, urlPath, "must start with a '/'"));
  }
  for (const problem of portNumber(port)) findings.push(bad(`${path}.port`, port, `port is not valid: ${problem}`));
  return findings;
}
