import { CelError } from "../cel.ts";
import { traversal } from "../cost/factors.ts";
import { BuiltList } from "../values/list.ts";
import { BuiltMap } from "../values/map.ts";
import { OpaqueValue, type Value } from "../values/value.ts";
import { declare, type Declaration } from "./declare.ts";
import { asText, noSuchOverload } from "./overload.ts";
import { inProportion } from "./sizes.ts";
import { parseUrl, type Url } from "./url-text.ts";

/** https://kubernetes.io/docs/reference/using-api/cel/#kubernetes-url-library */
class UrlValue extends OpaqueValue {
  override readonly typeName = "kubernetes.URL";
  readonly url: Url;

  constructor(url: Url) {
    super();
    this.url = url;
  }

  override equals(other: OpaqueValue): boolean {
    return other instanceof UrlValue && other.url.text === this.url.text;
  }
}

function asUrl(value: Value): Url {
  if (value instanceof UrlValue) return value.url;
  throw noSuchOverload();
}

function read(text: string): UrlValue {
  const url = parseUrl(text);
  if (typeof url === "string") throw new CelError(`URL parse error during conversion from string: ${url}`);
  return new UrlValue(url);
}

function queryOf({ query }: Url): Value {
  const map = new BuiltMap();
  for (const [key, values] of query) map.set(key, new BuiltList([...values]));
  return map;
}

export const urls: readonly Declaration[] = [
  declare(
    "url(string): kubernetes.URL",
    (a) => read(asText(a)),
    inProportion(0, traversal, (size) => size),
  ),
  declare("isURL(string): bool", (a) => typeof parseUrl(asText(a)) !== "string"),
  declare("kubernetes.URL.getScheme(): string", (a) => asUrl(a).scheme),
  declare("kubernetes.URL.getHost(): string", (a) => asUrl(a).host),
  declare("kubernetes.URL.getHostname(): string", (a) => asUrl(a).hostname),
  declare("kubernetes.URL.getPort(): string", (a) => asUrl(a).port),
  declare("kubernetes.URL.getEscapedPath(): string", (a) => asUrl(a).escapedPath),
  declare("kubernetes.URL.getQuery(): map(string, list(string))", (a) => queryOf(asUrl(a))),
];
