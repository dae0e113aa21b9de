export class CsvError extends Error {
  override name = "CsvError";
}

/**
 * Records of fields as Go's encoding/csv reads them: a quoted field may hold commas, line breaks and doubled quotes; empty
 * lines are passed over. Throws CsvError in its words. https://www.rfc-editor.org/rfc/rfc4180
 */
export function readCsv(text: string): readonly (readonly string[])[] {
  const source = text.replaceAll("\r\n", "\n");
  const records: string[][] = [];
  let at = 0;
  while (at < source.length) {
    if (source[at] === "\n") {
      at += 1;
      continue;
    }
    const record: string[] = [];
    let isMore = true;
    while (isMore) {
      const field = source[at] === '"' ? quoted(source, at) : plain(source, at);
      record.push(field.value);
      isMore = source[field.end] === ",";
      at = field.end + 1;
    }
    records.push(record);
  }
  return records;
}

interface Field {
  readonly value: string;
  /** Where the comma or line break after it is, or the end of the text. */
  readonly end: number;
}

function plain(source: string, start: number): Field {
  let end = start;
  while (end < source.length && source[end] !== "," && source[end] !== "\n") {
    if (source[end] === '"') throw wrong(source, end, 'bare " in non-quoted field');
    end += 1;
  }
  return { value: source.slice(start, end), end };
}

function quoted(source: string, start: number): Field {
  let value = "";
  for (let at = start + 1; ; at += 1) {
    const quote = source.indexOf('"', at);
    if (quote < 0) throw wrong(source, source.length, 'extraneous or missing " in quoted-field');
    value += source.slice(at, quote);
    const after = source[quote + 1];
    if (after === undefined || after === "," || after === "\n") return { value, end: quote + 1 };
    if (after !== '"') throw wrong(source, quote, 'extraneous or missing " in quoted-field');
    value += '"';
    at = quote + 1;
  }
}

function wrong(source: string, at: number, what: string): CsvError {
  const before = source.slice(0, at).split("\n");
  return new CsvError(`parse error on line ${before.length}, column ${(before.at(-1) ?? "").length + 1}: ${what}`);
}
