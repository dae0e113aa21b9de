import { exactNumber } from "./exact-json.ts";

/**
 * What a plain YAML scalar means to sigs.k8s.io/yaml: YAML 1.1's booleans, Go's integers (`010` is octal, `_` may
 * group digits), but neither base 60 nor dates, which stay strings.
 */
export function resolvePlainScalar(text: string): string | number | bigint | boolean | null {
  const word = words.get(text);
  if (word !== undefined) return word;
  if (!/^[-+.0-9]/.test(text)) return text;
  return integer(text.replaceAll("_", "")) ?? float(text) ?? text;
}

const words: ReadonlyMap<string, boolean | null> = new Map<string, boolean | null>([
  ...["y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON"].map((word): [string, boolean] => [
    word,
    true,
  ]),
  ...["n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF"].map((word): [string, boolean] => [
    word,
    false,
  ]),
  ...["", "~", "null", "Null", "NULL"].map((word): [string, null] => [word, null]),
]);

const integerShape = /^([-+]?)(?:(0[xX])([0-9a-fA-F]+)|(0[bB])([01]+)|(0[oO]?)([0-7]+)|(0|[1-9][0-9]*))$/;

function integer(text: string): number | bigint | undefined {
  if (text.length > 100) return undefined;
  const match = integerShape.exec(text);
  if (match === null) return undefined;
  const [, sign = "", hex, hexDigits = "", binary, binaryDigits = "", octal, octalDigits = "", decimal = ""] = match;
  const digits =
    hex !== undefined
      ? `0x${hexDigits}`
      : binary !== undefined
        ? `0b${binaryDigits}`
        : octal !== undefined
          ? `0o${octalDigits}`
          : decimal;
  return exactNumber(`${sign === "-" ? "-" : ""}${BigInt(digits)}`);
}

function float(text: string): number | undefined {
  if (/^[-+]?\.(?:inf|Inf|INF)$/.test(text)) return text.startsWith("-") ? -Infinity : Infinity;
  if (/^\.(?:nan|NaN|NAN)$/.test(text)) return NaN;
  const plain = text.replaceAll("_", "");
  return /^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$/.test(plain) ? Number(plain) : undefined;
}
