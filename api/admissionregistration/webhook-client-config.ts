import type { WebhookClientConfig } from "../generated/types/admissionregistration-v1.ts";
import type { FieldError } from "../machinery/field-error.ts";
import { bad, required } from "../machinery/findings.ts";
import { dnsSubdomain, portNumber } from "../machinery/names.ts";
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

const form = "; desired format: https://host[/path]";

function validateUrl(text: string, path: string): FieldError[] {
  const url = urlParts(text);
  if (typeof url === "string")
    return [required(path, `url must be a valid URL: parse ${JSON.stringify(text)}: ${url}${form}`)];
  const { scheme, user, host, query, fragment } = url;
  const findings: FieldError[] = [];
  if (scheme !== "https") findings.push(bad(path, scheme, `'https' is the only allowed URL scheme${form}`));
  if (host === "") findings.push(bad(path, host, `host must be specified${form}`));
  if (user !== undefined) findings.push(bad(path, user, "user information is not permitted in the URL"));
  if (fragment !== "") findings.push(bad(path, fragment, "fragments are not permitted in the URL"));
  if (query !== "") findings.push(bad(path, query, "query parameters are not permitted in the URL"));
  return findings;
}

interface UrlParts {
  readonly scheme: string;
  readonly user: string | undefined;
  readonly host: string;
  readonly query: string;
  readonly fragment: string;
}

/** Go parses URLs, which may lack every part. A text says what is wrong. */
function urlParts(text: string): UrlParts | string {
  if (/\p{Cc}/u.test(text)) return "net/url: invalid control character in URL";
  if (text.startsWith(":")) return "missing protocol scheme";
  const [, scheme = "", authority, urlPath = "", query = "", fragment = ""] =
    /^(?:([A-Za-z][-+.A-Za-z0-9]*):)?(?:\/\/([^/?#]*))?([^?#]*)(?:\?([^#]*))?(?:#(.*))?$/s.exec(text) ?? [];
  if (scheme === "" && authority === undefined && /^[^/]*:/.test(urlPath))
    return "first path segment in URL cannot contain colon";
  const at = authority?.lastIndexOf("@") ?? -1;
  const host = authority?.slice(at + 1) ?? "";
  const problem = hostProblem(host) ?? escapeProblem(urlPath + fragment);
  const user = at < 0 ? undefined : authority?.slice(0, at);
  return problem ?? { scheme: scheme.toLowerCase(), user, host, query, fragment };
}

function hostProblem(host: string): string | undefined {
  const strange = /[ "<>\\^`{|}]/.exec(host);
  if (strange !== null) return `invalid character ${JSON.stringify(strange[0])} in host name`;
  const [port] = /:[^\]]*$/.exec(host) ?? [];
  return port === undefined || /^:\d*$/.test(port) ? undefined : `invalid port ${JSON.stringify(port)} after host`;
}

function escapeProblem(text: string): string | undefined {
  const [escape] = /%(?![0-9a-fA-F]{2}).{0,2}/s.exec(text) ?? [];
  return escape === undefined ? undefined : `invalid URL escape ${JSON.stringify(escape)}`;
}

function validateService(
  { name, namespace, path: urlPath = "", port = 443 }: NonNullable<DeepReadonly<WebhookClientConfig["service"]>>,
  path: string,
): FieldError[] {
  const findings: FieldError[] = [];
  if (!name) findings.push(required(`${path}.name`));
  if (!namespace) findings.push(required(`${path}.namespace`));
  for (const problem of portNumber(port)) findings.push(bad(`${path}.port`, port, `port is not valid: ${problem}`));
  return [...findings, ...pathProblems(urlPath).map((problem) => bad(`${path}.path`, urlPath, problem))];
}

/** Segments are names, and a slash may follow the last. */
function pathProblems(urlPath: string): readonly string[] {
  if (urlPath === "" || urlPath === "/") return [];
  if (urlPath === "//") return ["segment[0] may not be empty"];
  const segments = urlPath.slice(1).replace(/\/$/, "").split("/");
  return [
    ...(urlPath.startsWith("/") ? [] : ["must start with a '/'"]),
    ...segments.flatMap((segment, index) =>
      segment === ""
        ? [`segment[${index}] may not be empty`]
        : dnsSubdomain(segment).map((problem) => `segment[${index}]: ${problem}`),
    ),
  ];
}
