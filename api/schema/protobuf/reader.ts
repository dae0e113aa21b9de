import { ApiError } from "../../machinery/status.ts";

/** Deeper than any real CustomResourceDefinition, and far from the end of the stack. */
export const maxDepth = 256;
/** Two bytes on the wire can stand for an object with many keys; this bounds what a body may grow into. */
const maxMessages = 1 << 18;

export function malformed(why: string): ApiError {
  return new ApiError("BadRequest", `the data is not a valid protobuf message: ${why}`);
}

export const wireTypes = { varint: 0, fixed64: 1, bytes: 2, groupStart: 3, groupEnd: 4, fixed32: 5 } as const;

const two32 = 4_294_967_296;

/**
 * A cursor over protobuf's wire format: https://protobuf.dev/programming-guides/encoding/
 * `end` is the end of the message being read; nothing beyond it is ever touched.
 */
export class Reader {
  at = 0;
  end: number;
  private readonly bytes: Buffer;
  private depth = 0;
  private messages = 0;
  /** The two halves of the last varint. */
  private low = 0;
  private high = 0;

  constructor(bytes: Uint8Array) {
    this.bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.end = bytes.byteLength;
  }

  /** Narrows the reader to the length-delimited message that starts here; what it returns goes to `leave`. */
  enter(): number {
    const outer = this.end;
    const length = this.length();
    this.end = this.at + length;
    if (++this.depth > maxDepth) throw malformed(`nested deeper than ${maxDepth} messages`);
    this.count();
    return outer;
  }

  leave(outer: number): void {
    this.at = this.end;
    this.end = outer;
    this.depth--;
  }

  /** Counts an object that decoding brings into being. */
  count(): void {
    if (++this.messages > maxMessages) throw malformed(`more than ${maxMessages} messages`);
  }

  /** Field number times eight, plus wire type. */
  tag(): number {
    const first = this.at < this.end ? this.bytes[this.at]! : 0x80;
    if (first >= 8 && first < 0x80) {
      this.at++;
      return first;
    }
    this.varint();
    const tag = this.low >>> 0;
    if (this.high !== 0 || tag < 8) throw malformed("illegal tag");
    return tag;
  }

  length(): number {
    this.varint();
    const length = this.low >>> 0;
    if (this.high !== 0 || length > this.end - this.at) throw malformed("unexpected end of data");
    return length;
  }

  boolean(): boolean {
    this.varint();
    return (this.low | this.high) !== 0;
  }

  int32(): number {
    this.varint();
    return this.low;
  }

  int64(): number | bigint {
    this.varint();
    const value = this.high * two32 + (this.low >>> 0);
    if (Number.isSafeInteger(value)) return value;
    return (BigInt(this.high) << 32n) | BigInt(this.low >>> 0);
  }

  double(): number {
    const start = this.advance(8);
    return this.bytes.readDoubleLE(start);
  }

  string(): string {
    const length = this.length();
    const start = this.advance(length);
    return this.bytes.toString("utf8", start, start + length);
  }

  /** A view, valid as long as the input. */
  view(): Buffer {
    const length = this.length();
    const start = this.advance(length);
    return this.bytes.subarray(start, start + length);
  }

  /** A view of what is left of this message. */
  rest(): Buffer {
    const start = this.advance(this.end - this.at);
    return this.bytes.subarray(start, this.at);
  }

  /** True when what is left of this message starts with these bytes. */
  startsWith(prefix: Uint8Array): boolean {
    return this.end - this.at >= prefix.length && prefix.every((byte, index) => this.bytes[this.at + index] === byte);
  }

  advance(count: number): number {
    const start = this.at;
    if (count > this.end - start) throw malformed("unexpected end of data");
    this.at = start + count;
    return start;
  }

  /** An unknown field. Groups are long gone from the format, but still skipped, as Go does. */
  skip(wire: number): void {
    let groups = 0;
    for (let next = wire; ; next = this.tag() & 7) {
      if (next === wireTypes.varint) this.varint();
      else if (next === wireTypes.fixed64) this.advance(8);
      else if (next === wireTypes.bytes) this.advance(this.length());
      else if (next === wireTypes.fixed32) this.advance(4);
      else if (next === wireTypes.groupStart) groups++;
      else if (next === wireTypes.groupEnd && groups > 0) groups--;
      else throw malformed(`wire type ${next}`);
      if (groups === 0) return;
    }
  }

  /** At most ten bytes; bits beyond the 64th are dropped. */
  private varint(): void {
    const { bytes, end } = this;
    let low = 0;
    let high = 0;
    for (let shift = 0; shift < 70; shift += 7) {
      if (this.at >= end) throw malformed("unexpected end of data");
      const byte = bytes[this.at++]!;
      const bits = byte & 0x7f;
      if (shift < 28) low |= bits << shift;
      else if (shift === 28) {
        low |= bits << 28;
        high = bits >>> 4;
      } else if (shift < 63) high |= bits << (shift - 32);
      else high |= bits << 31;
      if (byte < 0x80) {
        this.low = low;
        this.high = high;
        return;
      }
    }
    throw malformed("integer overflow");
  }
}
