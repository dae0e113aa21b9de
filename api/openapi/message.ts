/** A protobuf message in the making: parts are kept and joined once (https://protobuf.dev/programming-guides/encoding/). */
export class Message {
  readonly #parts: Uint8Array[] = [];
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** Empty texts are absent, as proto3 has it. */
  text(field: number, value: string | undefined): this {
    return value === undefined || value === "" ? this : this.#framed(field, Buffer.from(value, "utf8"));
  }

  texts(field: number, values: readonly string[] | undefined): this {
    for (const value of values ?? []) this.#framed(field, Buffer.from(value, "utf8"));
    return this;
  }

  bool(field: number, value: boolean | undefined): this {
    return value === true ? this.oneOfBool(field, true) : this;
  }

  /** A member of a oneof is written even when it is false. */
  oneOfBool(field: number, value: boolean): this {
    this.#add(varint(field * 8));
    this.#add(varint(value ? 1 : 0));
    return this;
  }

  message(field: number, value: Message): this {
    this.#add(varint(field * 8 + 2));
    this.#add(varint(value.length));
    for (const part of value.#parts) this.#add(part);
    return this;
  }

  bytes(): Uint8Array {
    return Buffer.concat(this.#parts, this.#length);
  }

  #framed(field: number, value: Uint8Array): this {
    this.#add(varint(field * 8 + 2));
    this.#add(varint(value.length));
    this.#add(value);
    return this;
  }

  #add(part: Uint8Array): void {
    this.#parts.push(part);
    this.#length += part.length;
  }
}

function varint(value: number): Uint8Array {
  const bytes: number[] = [];
  let rest = value;
  for (; rest > 127; rest = Math.floor(rest / 128)) bytes.push((rest % 128) + 128);
  bytes.push(rest);
  return Uint8Array.from(bytes);
}
