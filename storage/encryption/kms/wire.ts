/** The little of protobuf that key management needs: bytes, texts, small numbers, and maps of bytes. */

export type Fields = ReadonlyMap<number, readonly (Buffer | number)[]>;

const wireVarint = 0;
const wireFixed64 = 1;
const wireBytes = 2;
const wireFixed32 = 5;

export function bytesField(number: number, value: Buffer | string): Buffer {
  const bytes = Buffer.from(value);
  if (bytes.length === 0) return bytes;
  return Buffer.concat([varint((number << 3) | wireBytes), varint(bytes.length), bytes]);
}

export function numberField(number: number, value: number): Buffer {
  return value === 0 ? Buffer.alloc(0) : Buffer.concat([varint((number << 3) | wireVarint), varint(value)]);
}

/** `map<string, bytes>`: a message an entry. */
export function mapField(number: number, entries: ReadonlyMap<string, Buffer>): Buffer {
  const one = ([key, value]: readonly [string, Buffer]): Buffer => {
    const entry = Buffer.concat([bytesField(1, key), bytesField(2, value)]);
    return Buffer.concat([varint((number << 3) | wireBytes), varint(entry.length), entry]);
  };
  return Buffer.concat([...entries].map(one));
}

/** Throws for what is no message. Fields that nobody asks for are kept, and do no harm. */
export function readFields(message: Buffer): Fields {
  const fields = new Map<number, (Buffer | number)[]>();
  const reader = new Reader(message);
  while (!reader.isAtEnd) {
    const tag = reader.varint();
    const value = reader.value(tag & 7);
    const number = Math.floor(tag / 8);
    if (value !== undefined) fields.set(number, [...(fields.get(number) ?? []), value]);
  }
  return fields;
}

/** Of several the last counts. */
export function bytesOf(fields: Fields, number: number): Buffer {
  const value = fields.get(number)?.at(-1);
  return Buffer.isBuffer(value) ? value : Buffer.alloc(0);
}

export function textOf(fields: Fields, number: number): string {
  return bytesOf(fields, number).toString();
}

export function numberOf(fields: Fields, number: number): number {
  const value = fields.get(number)?.at(-1);
  return typeof value === "number" ? value : 0;
}

export function mapOf(fields: Fields, number: number): ReadonlyMap<string, Buffer> {
  const entries = (fields.get(number) ?? []).filter((value) => Buffer.isBuffer(value));
  return new Map(
    entries.map((entry) => {
      const parts = readFields(entry);
      return [textOf(parts, 1), bytesOf(parts, 2)];
    }),
  );
}

function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  for (; rest > 0x7f; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 0x80);
  return Buffer.from([...bytes, rest]);
}

class Reader {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  get isAtEnd(): boolean {
    return this.#at >= this.#bytes.length;
  }

  varint(): number {
    let value = 0;
    for (let factor = 1; factor < 2 ** 70; factor *= 128) {
      const byte = this.#take(1)[0] ?? 0;
      value += (byte & 0x7f) * factor;
      if (byte < 0x80) return value;
    }
    throw new Error("a number is too long");
  }

  value(wireType: number): Buffer | number | undefined {
    switch (wireType) {
      case wireVarint:
        return this.varint();
      case wireBytes:
        return this.#take(this.varint());
      case wireFixed64:
        this.#take(8);
        return undefined;
      case wireFixed32:
        this.#take(4);
        return undefined;
      default:
        throw new Error(`unknown wire type ${wireType}`);
    }
  }

  #take(length: number): Buffer {
    const end = this.#at + length;
    if (end > this.#bytes.length) throw new Error("unexpected EOF");
    const taken = this.#bytes.subarray(this.#at, end);
    this.#at = end;
    return taken;
  }
}
