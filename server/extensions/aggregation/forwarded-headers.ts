import type { OutgoingHttpHeaders } from "node:http";
import type { ApiRequest, ApiResponse, UserInfo } from "../../../api/wire.ts";

/** Of one connection only: https://www.rfc-editor.org/rfc/rfc9110#section-7.6.1 */
const hopByHop = new Set([
  "connection",
  "expect",
  "keep-alive",
  "proxy-authenticate",
  "proxy-authorization",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
]);

/** What a client sent, as it is passed on: without its credentials and whatever would say who it is, with the user. */
export function forwardedHeaders(request: ApiRequest, user: UserInfo, authority: string): OutgoingHttpHeaders {
  const { headers, peer } = request;
  const dropped = new Set([...hopByHop, ...listed(headers["connection"])]);
  const forwarded: OutgoingHttpHeaders = Object.create(null);
  for (const [name, value] of Object.entries(headers))
    if (value !== undefined && !dropped.has(name) && !isIdentity(name)) forwarded[name] = value;
  const host = headers["host"];
  if (host !== undefined) forwarded["x-forwarded-host"] = host;
  forwarded["host"] = authority;
  forwarded["x-forwarded-proto"] = "https";
  forwarded["x-forwarded-uri"] = request.url.split("?", 1)[0] ?? "/";
  forwarded["x-forwarded-for"] = [headers["x-forwarded-for"], peer.address]
    .filter((one) => one !== undefined && one !== "")
    .join(", ");
  // Node frames no body of a DELETE by itself, and HTTP/2 needs no length.
  if (request.body !== undefined && headers["content-length"] === undefined) forwarded["transfer-encoding"] = "chunked";
  if (request.upgrade !== undefined) Object.assign(forwarded, { connection: "Upgrade", upgrade: request.upgrade });
  return Object.assign(forwarded, identityHeaders(user));
}

function isIdentity(name: string): boolean {
  return name === "authorization" || name.startsWith("x-remote-") || name.startsWith("impersonate-");
}

function listed(connection: string | undefined): readonly string[] {
  return (connection ?? "").split(",").map((name) => name.trim().toLowerCase());
}

/** https://kubernetes.io/docs/tasks/extend-kubernetes/configure-aggregation-layer/#original-request-username-and-group */
export function identityHeaders(user: UserInfo): OutgoingHttpHeaders {
  const headers: OutgoingHttpHeaders = { "x-remote-user": headerText(user.name) };
  if (user.uid !== undefined && user.uid !== "") headers["x-remote-uid"] = headerText(user.uid);
  if (user.groups.length > 0) headers["x-remote-group"] = user.groups.map(headerText);
  for (const [key, values] of Object.entries(user.extra ?? {}))
    headers[`x-remote-extra-${escapedKey(key)}`] = values.map(headerText);
  return headers;
}

/** Node writes headers as Latin-1; Go reads UTF-8. */
function headerText(text: string): string {
  return Buffer.from(text).toString("latin1");
}

/** What no header name may hold is percent-encoded, and so is the percent sign. */
function escapedKey(key: string): string {
  let escaped = "";
  for (const byte of Buffer.from(key)) {
    const character = String.fromCharCode(byte);
    escaped += /[A-Za-z0-9!#$&'*+.^_`|~-]/.test(character)
      ? character
      : `%${byte.toString(16).toUpperCase().padStart(2, "0")}`;
  }
  return escaped;
}

/** What the other server answered, as it is handed to the client. */
export function answeredHeaders(headers: Readonly<NodeJS.Dict<string[]>>): ApiResponse["headers"] {
  const dropped = new Set([...hopByHop, ...listed(headers["connection"]?.join(","))]);
  const answered: Record<string, string | readonly string[]> = {};
  for (const [name, values] of Object.entries(headers)) {
    if (values === undefined || dropped.has(name)) continue;
    const [only] = values;
    answered[name] = values.length === 1 && only !== undefined ? only : values;
  }
  return answered;
}
