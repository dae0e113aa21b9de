import { DerError, derTag, type DerValue, dottedId, expectTag, valuesIn } from "./der-reader.ts";

/** One attribute of a distinguished name. */
export interface NameAttribute {
  /** Dotted: 2.5.4.3 is the common name, 2.5.4.10 an organization. */
  readonly id: string;
  readonly value: string;
}

/** The attributes that are text, in their order. https://www.rfc-editor.org/rfc/rfc5280#section-4.1.2.4 */
export function nameAttributes(name: DerValue): readonly NameAttribute[] {
  const found: NameAttribute[] = [];
  for (const relative of valuesIn(name)) {
    for (const attribute of valuesIn(expectTag(relative, derTag.set))) {
      const [type, value, ...more] = valuesIn(expectTag(attribute, derTag.sequence));
      const id = dottedId(type);
      if (value === undefined || more.length > 0) throw new DerError("asn1: syntax error: sequence truncated");
      const text = textOf(value);
      if (text !== undefined) found.push({ id, value: text });
    }
  }
  return found;
}

const strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Undefined for what is no text. */
function textOf({ tag, content }: DerValue): string | undefined {
  switch (tag) {
    case derTag.utf8:
      return utf8Of(content);
    case derTag.printable:
    case derTag.ia5:
    case derTag.numeric:
      if (content.some((byte) => byte >= 0x80))
        throw new DerError("asn1: syntax error: string contains invalid character");
      return content.toString("latin1");
    case derTag.t61:
      return content.toString("latin1");
    case derTag.bmp:
      if (content.length % 2 !== 0) throw new DerError("asn1: syntax error: invalid BMPString");
      return Buffer.from(content).swap16().toString("utf16le");
    default:
      return undefined;
  }
}

function utf8Of(content: Buffer): string {
  try {
    return strict.decode(content);
  } catch (cause) {
    throw new DerError("asn1: structure error: invalid UTF-8 string", { cause });
  }
}
