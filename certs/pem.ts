/** One block of a PEM text. */
export interface PemBlock {
  /** `CERTIFICATE`, `CERTIFICATE REQUEST`, … */
  readonly type: string;
  readonly hasHeaders: boolean;
  readonly der: Buffer;
}

const beginning = "-----BEGIN ";
const ending = "-----END ";
const dashes = "-----";
/** RFC 7468 knows no type as long as this. */
const longestType = 64;

/** The blocks of a text, whatever else stands between them. https://www.rfc-editor.org/rfc/rfc7468 */
export function pemBlocks(text: string): readonly PemBlock[] {
  const blocks: PemBlock[] = [];
  let at = 0;
  for (;;) {
    const begin = text.indexOf(beginning, at);
    const end = begin < 0 ? -1 : text.indexOf(ending, begin);
    // Nothing is looked through twice: what has no end ends the search.
    if (end < 0) return blocks;
    const block = blockWithin(text, begin, end);
    if (block !== undefined) blocks.push(block);
    at = end + ending.length;
  }
}

export function toPem(type: string, der: Uint8Array): string {
  const lines =
    Buffer.from(der)
      .toString("base64")
      .match(/.{1,64}/g) ?? [];
  return [`${beginning}${type}${dashes}`, ...lines, `${ending}${type}${dashes}`, ""].join("\n");
}

/** Undefined where begin and end do not fit together, or what is between them is no base64. */
function blockWithin(text: string, begin: number, end: number): PemBlock | undefined {
  if (begin > 0 && text[begin - 1] !== "\n") return undefined;
  const typeBegin = begin + beginning.length;
  const typeEnd = text.indexOf(dashes, typeBegin);
  if (typeEnd > end || typeEnd - typeBegin > longestType) return undefined;
  const type = text.slice(typeBegin, typeEnd);
  if (!text.startsWith(`${type}${dashes}`, end + ending.length)) return undefined;
  const body = text.slice(typeEnd + dashes.length, end);
  const hasHeaders = body.includes(":");
  // Headers end with an empty line.
  const base64 = (hasHeaders ? (body.split(/\r?\n\r?\n/, 2)[1] ?? "") : body).replaceAll(/\s/g, "");
  if (base64.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(base64)) return undefined;
  return { type, hasHeaders, der: Buffer.from(base64, "base64") };
}
