import { joinHostPort } from "./network-error.ts";
import { WebhookError, type WebhookTarget } from "./webhook.ts";

/** A target as a URL, and the service that has to be looked up for it. */
export interface WebhookUrl {
  /** As messages show it. */
  readonly text: string;
  /** What the certificate must be for. */
  readonly host: string;
  readonly port: number;
  /** `host:port` as the Host header has it. */
  readonly authority: string;
  /** With the query. */
  readonly path: string;
}

export function webhookUrl(target: WebhookTarget, query: Readonly<Record<string, string>> = {}): WebhookUrl {
  const asked = new URLSearchParams(query).toString();
  const withQuery = (path: string): string => (asked === "" ? path : `${path}?${asked}`);
  const { service } = target;
  if (service !== undefined) {
    const port = service.port ?? 443;
    const host = `${service.name}.${service.namespace}.svc`;
    const path = withQuery(rooted(service.path ?? ""));
    const authority = `${host}:${port}`;
    return { text: `https://${authority}${path}`, host, port, authority, path };
  }
  const url = parsed(target.url ?? "");
  const host = url.hostname.replace(/^\[|\]$/g, "");
  const path = withQuery(url.pathname);
  const text = `https://${url.host}${path}`;
  const port = url.port === "" ? 443 : Number(url.port);
  return { text, host, port, authority: url.port === "" ? url.host : joinHostPort(host, port), path };
}

function parsed(text: string): URL {
  if (!URL.canParse(text)) throw new WebhookError(`Unable to parse webhook URL ${JSON.stringify(text)}`);
  return new URL(text);
}

/** Text that a service reference may hold and a request line may not is escaped. */
function rooted(path: string): string {
  return new URL(path.startsWith("/") ? path : `/${path}`, "https://webhook").pathname;
}
