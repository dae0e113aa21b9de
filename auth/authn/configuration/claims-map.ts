import { isObject } from "../../../api/machinery/members.ts";
import { JsonList } from "../../../api/cel/values/list.ts";
import { MapValue } from "../../../api/cel/values/map.ts";
import type { Value } from "../../../api/cel/values/value.ts";

const escapes: ReadonlyMap<string, string> = new Map([
  ["underscores", "__"],
  ["dot", "."],
  ["dash", "-"],
  ["slash", "/"],
]);
const keywords = new Set(
  (
    "true false null in as break const continue else for function if import let loop package namespace return var void " +
    "while"
  ).split(" "),
);

/**
 * A JSON object in which expressions find members under names that CEL can write: `claims.acme__dot__io__slash__roles` is the
 * claim `acme.io/roles`. Numbers are doubles, whole or not, as Go reads them out of a token.
 */
export class ClaimsMap extends MapValue {
  readonly #json: Readonly<Record<string, unknown>>;

  constructor(json: Readonly<Record<string, unknown>>) {
    super();
    this.#json = json;
  }

  override get size(): number {
    return Object.keys(this.#json).length;
  }

  override get weight(): number {
    return 1;
  }

  override get(key: Value): Value | undefined {
    if (typeof key !== "string") return undefined;
    const name = unescaped(key) ?? key;
    return Object.hasOwn(this.#json, name) ? claimValue(this.#json[name]) : undefined;
  }

  override keys(): Iterable<string> {
    return Object.keys(this.#json);
  }
}

function claimValue(raw: unknown): Value {
  if (Array.isArray(raw)) return new JsonList(raw, claimValue);
  if (isObject(raw)) return new ClaimsMap(raw);
  return typeof raw === "string" || typeof raw === "boolean" || typeof raw === "number" ? raw : null;
}

/** Undefined for what escapes nothing. https://kubernetes.io/docs/reference/access-authn-authz/authentication/#cel-expression-escaping */
function unescaped(key: string): string | undefined {
  let isValid = true;
  const name = key.replaceAll(/__([^_]+)__/g, (whole, word: string) => {
    const meant = escapes.get(word) ?? (keywords.has(word) && whole === key ? word : undefined);
    isValid &&= meant !== undefined;
    return meant ?? "";
  });
  return isValid ? name : undefined;
}
