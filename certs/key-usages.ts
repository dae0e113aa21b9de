/** What a certificate may be used for, as certificates carry it. */
export interface KeyUsages {
  /** KeyUsage, most significant bit first; empty: not told. https://www.rfc-editor.org/rfc/rfc5280#section-4.2.1.3 */
  readonly bits: Buffer;
  readonly unusedBits: number;
  /** ExtendedKeyUsage, as dotted identifiers, in Go's order. */
  readonly extended: readonly string[];
}

const bitOf: ReadonlyMap<string, number> = new Map([
  ["signing", 0],
  ["digital signature", 0],
  ["content commitment", 1],
  ["key encipherment", 2],
  ["data encipherment", 3],
  ["key agreement", 4],
  ["cert sign", 5],
  ["crl sign", 6],
  ["encipher only", 7],
  ["decipher only", 8],
]);

const extendedOf: ReadonlyMap<string, string> = new Map([
  ["any", "2.5.29.37.0"],
  ["server auth", "1.3.6.1.5.5.7.3.1"],
  ["client auth", "1.3.6.1.5.5.7.3.2"],
  ["code signing", "1.3.6.1.5.5.7.3.3"],
  ["email protection", "1.3.6.1.5.5.7.3.4"],
  ["s/mime", "1.3.6.1.5.5.7.3.4"],
  ["ipsec end system", "1.3.6.1.5.5.7.3.5"],
  ["ipsec tunnel", "1.3.6.1.5.5.7.3.6"],
  ["ipsec user", "1.3.6.1.5.5.7.3.7"],
  ["timestamping", "1.3.6.1.5.5.7.3.8"],
  ["ocsp signing", "1.3.6.1.5.5.7.3.9"],
  ["microsoft sgc", "1.3.6.1.4.1.311.10.3.3"],
  ["netscape sgc", "2.16.840.1.113730.4.1"],
]);

/** From the names that a CertificateSigningRequest gives them. Throws for one that is not known. */
export function keyUsagesOf(names: readonly string[]): KeyUsages {
  const unrecognized = names.filter((name) => !bitOf.has(name) && !extendedOf.has(name));
  if (unrecognized.length > 0)
    throw new Error(`unrecognized usage values: [${unrecognized.map((name) => JSON.stringify(name)).join(" ")}]`);
  const positions = [...new Set(names.flatMap((name) => bitOf.get(name) ?? []))];
  const wanted = new Set(names.map((name) => extendedOf.get(name)));
  return { ...packed(positions), extended: [...new Set(extendedOf.values())].filter((id) => wanted.has(id)) };
}

/** DER leaves out trailing zero bits. */
function packed(positions: readonly number[]): Pick<KeyUsages, "bits" | "unusedBits"> {
  const last = Math.max(-1, ...positions);
  const bits = Buffer.alloc(Math.ceil((last + 1) / 8));
  for (const position of positions) {
    const at = Math.floor(position / 8);
    bits.writeUInt8(bits.readUInt8(at) | (0x80 >> (position % 8)), at);
  }
  return { bits, unusedBits: bits.length * 8 - (last + 1) };
}
