import { isObject } from "../members.ts";

/** Text that is the same in JSON and in Go's JSON, which escapes what HTML could misread. */
const plain = /^[ !#-%'-;=?-[\]-~]*$/;
const special = /["\\<>&\u2028\u2029\p{Cc}]/gu;
const short: Readonly<Record<string, string>> = { '"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t" };

/**
 * JSON as Go's encoder writes a value of unknown type: keys sorted, no space, `<`, `>` and `&` escaped. Equal values
 * have equal texts. https://pkg.go.dev/encoding/json#Marshal
 */
export function goJson(value: unknown): string {
  if (typeof value === "string") return goJsonString(value);
  if (typeof value === "bigint") return value.toString();
  if (Array.isArray(value)) return `[${value.map(goJson).join(",")}]`;
  if (!isObject(value)) return JSON.stringify(value) ?? "null";
  const names = Object.keys(value).filter((name) => value[name] !== undefined);
  return `{${names
    .sort()
    .map((name) => `${goJsonString(name)}:${goJson(value[name])}`)
    .join(",")}}`;
}

function goJsonString(text: string): string {
  return plain.test(text) ? `"${text}"` : `"${text.replace(special, escaped)}"`;
}

/** Of the control characters Go escapes those of ASCII, without DEL. */
function escaped(character: string): string {
  if (character >= "\u007f" && character <= "\u009f") return character;
  return short[character] ?? `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
}
