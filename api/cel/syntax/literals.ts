import { Uint, type Value } from "../values/value.ts";

const escapes = /\\(?:([abfnrtv"'\\?`])|[xX]([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([0-7]{3}))/g;
const named: ReadonlyMap<string, string> = new Map([
  ["a", "\x07"],
  ["b", "\b"],
  ["f", "\f"],
  ["n", "\n"],
  ["r", "\r"],
  ["t", "\t"],
  ["v", "\v"],
]);

/** Undefined for an escape that names no character. */
export function readString(text: string): string | undefined {
  const { raw, body } = quoted(text);
  if (raw) return body;
  let valid = true;
  const read = body.replaceAll(
    escapes,
    (_, name?: string, byte?: string, four?: string, eight?: string, octal?: string) => {
      if (name !== undefined) return named.get(name) ?? name;
      const code = octal === undefined ? parseInt(byte ?? four ?? eight ?? "", 16) : parseInt(octal, 8);
      valid &&= code <= 0x10ffff && (code < 0xd800 || code > 0xdfff);
      return valid ? String.fromCodePoint(code) : "";
    },
  );
  return valid ? read : undefined;
}

/** In bytes `\xff` and `\377` are one byte, and Unicode escapes are none. */
export function readBytes(text: string): Uint8Array | undefined {
  const { raw, body } = quoted(text.slice(1));
  const encoder = new TextEncoder();
  if (raw) return encoder.encode(body);
  const chunks: Uint8Array[] = [];
  let from = 0;
  for (const match of body.matchAll(escapes)) {
    const [whole, name, byte, four, eight, octal] = match;
    if (four !== undefined || eight !== undefined) return undefined;
    const code = octal === undefined ? parseInt(byte ?? "", 16) : parseInt(octal, 8);
    const escaped = name === undefined ? Uint8Array.of(code) : encoder.encode(named.get(name) ?? name);
    chunks.push(encoder.encode(body.slice(from, match.index)), escaped);
    from = match.index + whole.length;
  }
  chunks.push(encoder.encode(body.slice(from)));
  return Uint8Array.from(chunks.flatMap((chunk) => [...chunk]));
}

function quoted(text: string): { raw: boolean; body: string } {
  const raw = /^[rR]/.test(text);
  const rest = raw ? text.slice(1) : text;
  const quotes = /^(?:"""|''')/.test(rest) ? 3 : 1;
  return { raw, body: rest.slice(quotes, -quotes).replaceAll(/\r\n?/g, "\n") };
}

/** `-` may be part of the number: the least int has no positive twin. */
export function readInt(text: string): bigint | undefined {
  const negative = text.startsWith("-");
  const size = BigInt(negative ? text.slice(1) : text);
  const value = negative ? -size : size;
  return BigInt.asIntN(64, value) === value ? value : undefined;
}

export function readUint(text: string): Value | undefined {
  const value = BigInt(text.slice(0, -1));
  return BigInt.asUintN(64, value) === value ? new Uint(value) : undefined;
}

export function readDouble(text: string): number | undefined {
  const value = Number(text);
  return Number.isFinite(value) ? value : undefined;
}
