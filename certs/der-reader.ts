/** One ASN.1 value in DER, where it lies in the bytes: reading it takes no library and copies nothing. */
export interface DerValue {
  /** The identifier octet: class, form and number. */
  readonly tag: number;
  readonly content: Buffer;
  /** With tag and length. */
  readonly raw: Buffer;
}

/** The identifier octets that X.509 needs (X.690 8.1.2). */
export const derTag = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  objectId: 0x06,
  utf8: 0x0c,
  numeric: 0x12,
  printable: 0x13,
  t61: 0x14,
  ia5: 0x16,
  bmp: 0x1e,
  sequence: 0x30,
  set: 0x31,
} as const;

/** `[number]`, constructed or primitive. */
export const contextTag = (number: number, constructed: boolean): number => (constructed ? 0xa0 : 0x80) + number;

/** What the bytes say is not what was expected, or not in DER's one form. */
export class DerError extends Error {
  override name = "DerError";
}

/** The one value that the bytes are. */
export function readDer(bytes: Uint8Array, tag: number): DerValue {
  const value = valueAt(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength), 0);
  if (value.raw.length !== bytes.byteLength) throw new DerError("asn1: syntax error: trailing data");
  return expectTag(value, tag);
}

/** The values in a structure. */
export function valuesIn({ content }: DerValue): readonly DerValue[] {
  const values: DerValue[] = [];
  for (let at = 0; at < content.length;) {
    const value = valueAt(content, at);
    values.push(value);
    at += value.raw.length;
  }
  return values;
}

export function expectTag(value: DerValue | undefined, tag: number): DerValue {
  if (value === undefined) throw new DerError("asn1: syntax error: sequence truncated");
  if (value.tag !== tag) throw new DerError("asn1: structure error: tags don't match");
  return value;
}

/** The dotted form of an object identifier. Its parts are well below 2^53. */
export function dottedId(value: DerValue | undefined): string {
  const { content } = expectTag(value, derTag.objectId);
  const parts: number[] = [];
  let part = 0;
  for (const byte of content) {
    part = part * 128 + (byte & 0x7f);
    if (part > 2 ** 31) throw new DerError("asn1: structure error: base 128 integer too large");
    if (byte >= 0x80) continue;
    parts.push(part);
    part = 0;
  }
  const [first, ...others] = parts;
  if (first === undefined || (content.at(-1) ?? 0) >= 0x80)
    throw new DerError("asn1: syntax error: truncated base 128 integer");
  const root = Math.min(Math.floor(first / 40), 2);
  return [root, first - root * 40, ...others].join(".");
}

/** The bytes of a bit string whose length is a multiple of eight, as all that X.509 wraps in one. */
export function bitBytes(value: DerValue | undefined): Buffer {
  const { content } = expectTag(value, derTag.bitString);
  if (content[0] !== 0) throw new DerError("asn1: syntax error: invalid padding bits in BIT STRING");
  return content.subarray(1);
}

function valueAt(bytes: Buffer, at: number): DerValue {
  const tag = bytes[at];
  const first = bytes[at + 1];
  if (tag === undefined || first === undefined) throw new DerError("asn1: syntax error: truncated tag or length");
  if ((tag & 0x1f) === 0x1f) throw new DerError("asn1: structure error: unexpected long form of a tag");
  const { length, begin } = first < 0x80 ? { length: first, begin: at + 2 } : longLength(bytes, at + 2, first & 0x7f);
  if (begin + length > bytes.length) throw new DerError("asn1: syntax error: data truncated");
  return { tag, content: bytes.subarray(begin, begin + length), raw: bytes.subarray(at, begin + length) };
}

function longLength(bytes: Buffer, at: number, octets: number): { readonly length: number; readonly begin: number } {
  if (octets === 0) throw new DerError("asn1: syntax error: indefinite length found (not DER)");
  if (octets > 4) throw new DerError("asn1: structure error: length too large");
  if (at + octets > bytes.length) throw new DerError("asn1: syntax error: truncated tag or length");
  const length = bytes.readUIntBE(at, octets);
  if (length < 0x80 || bytes[at] === 0) throw new DerError("asn1: structure error: non-minimal length");
  return { length, begin: at + octets };
}
