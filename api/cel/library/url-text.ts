/** A URL as Go's ParseRequestURI takes it: absolute, or an absolute path. */
export interface Url {
  readonly scheme: string;
  /** With the port. */
  readonly host: string;
  readonly hostname: string;
  readonly port: string;
  readonly escapedPath: string;
  readonly query: ReadonlyMap<string, readonly string[]>;
  /** As written. */
  readonly text: string;
}

const longestText = 64 * 1024;

/** A text says why there is none. */
export function parseUrl(text: string): Url | string {
  const refuse = (why: string): string => `parse ${JSON.stringify(text)}: ${why}`;
  if (text === "") return refuse("empty url");
  // oxlint-disable-next-line no-control-regex -- those are refused
  if (text.length > longestText || /[\x00-\x1f\x7f]/.test(text))
    return refuse("net/url: invalid control character in URL");
  if (text.startsWith(":")) return refuse("missing protocol scheme");
  const [, scheme = "", rest = text] = /^([a-zA-Z][a-zA-Z0-9+.-]*):(.*)$/.exec(text) ?? [];
  const [whole = ""] = rest.split("#");
  const [before = "", ...queries] = whole.split("?");
  const common = { scheme: scheme.toLowerCase(), query: parseQuery(queries.join("?")), text };
  if (text === "*") return { ...nowhere, ...common, escapedPath: "*" };
  if (scheme === "" && !before.startsWith("/")) return refuse("invalid URI for request");
  if (!before.startsWith("/")) return { ...nowhere, ...common };
  const authority = /^\/\/([^/]*)/.exec(before)?.[1];
  const path = authority === undefined ? before : before.slice(authority.length + 2);
  const host = parseHost(authority ?? "");
  if (typeof host === "string") return refuse(host);
  const escape = /%(?![0-9a-fA-F]{2}).{0,2}/.exec(path)?.[0];
  if (escape !== undefined) return refuse(`invalid URL escape ${JSON.stringify(escape)}`);
  return { ...host, ...common, escapedPath: escapePath(path) };
}

const nowhere = { host: "", hostname: "", port: "", escapedPath: "" } as const;

/** A text says what is wrong. */
function parseHost(authority: string): Pick<Url, "host" | "hostname" | "port"> | string {
  const host = authority.slice(authority.lastIndexOf("@") + 1);
  if (host.startsWith("[") && !host.includes("]")) return "missing ']' in host";
  const bracketed = /^\[[0-9a-fA-F:.]+(?:%25[^\]]*)?\]/.exec(host)?.[0];
  const name = bracketed ?? host.replace(/:.*$/, "");
  const port = host.slice(name.length);
  if (!/^(?::[0-9]*)?$/.test(port)) return `invalid port ${JSON.stringify(port)} after host`;
  const escape = bracketed === undefined ? /%[0-7][0-9a-fA-F]|%(?![0-9a-fA-F]{2}).{0,2}/.exec(name)?.[0] : undefined;
  if (escape !== undefined) return `invalid URL escape ${JSON.stringify(escape)}`;
  const strange =
    bracketed === undefined ? /[^a-zA-Z0-9\-._~!$&'()*+,;=:"<>[\]%\u0080-\uffff]/.exec(name)?.[0] : undefined;
  if (strange !== undefined) return `invalid character ${JSON.stringify(strange)} in host name`;
  return { host, hostname: bracketed === undefined ? name : name.slice(1, -1), port: port.slice(1) };
}

/** What must not stand in a path is escaped; what was escaped stays so. */
function escapePath(path: string): string {
  return path.replaceAll(/[^a-zA-Z0-9\-._~!$&'()*+,;=:@/[\]%]+/g, (part) =>
    encodeURIComponent(part.replaceAll(/\p{Surrogate}/gu, "\ufffd")),
  );
}

/** Pairs that cannot be read are left out. */
function parseQuery(text: string): ReadonlyMap<string, readonly string[]> {
  const query = new Map<string, string[]>();
  for (const pair of text.split("&")) {
    if (pair === "" || pair.includes(";")) continue;
    const equals = pair.indexOf("=");
    const key = unescape(equals === -1 ? pair : pair.slice(0, equals));
    const value = unescape(equals === -1 ? "" : pair.slice(equals + 1));
    if (key === undefined || value === undefined) continue;
    const known = query.get(key);
    if (known === undefined) query.set(key, [value]);
    else known.push(value);
  }
  return query;
}

function unescape(text: string): string | undefined {
  if (/%(?![0-9a-fA-F]{2})/.test(text)) return undefined;
  const bytes = text
    .replaceAll("+", " ")
    .split(/(%[0-9a-fA-F]{2})/)
    .map((part) => (/^%[0-9a-fA-F]{2}$/.test(part) ? Buffer.from(part.slice(1), "hex") : Buffer.from(part)));
  return Buffer.concat(bytes).toString();
}
