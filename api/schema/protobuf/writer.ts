import { ApiError } from "../../machinery/status.ts";
import { maxDepth } from "./reader.ts";

const two32 = 4_294_967_296;

/**
 * Writes protobuf from the last byte to the first: a message's length is known once it is written, so that neither a
 * size pass nor moving bytes is needed. Callers write fields and items in reverse order, each value before its tag.
 */
export class Writer {
  /** Named in errors. */
  field = "";
  private bytes: Buffer;
  /** Where the written part starts; it goes on to the end of `bytes`. */
  private start: number;
  private depth = 0;

  constructor(expectedBytes = 4096) {
    this.bytes = Buffer.allocUnsafeSlow(expectedBytes);
    this.start = expectedBytes;
  }

  /** Bytes written so far: remember it before a message, give it to `length` after. */
  get size(): number {
    return this.bytes.length - this.start;
  }

  /** The length prefix of all that was written since `mark`. */
  length(mark: number): void {
    this.varint(this.size - mark);
  }

  enter(): void {
    if (++this.depth > maxDepth) throw this.refuse(`an object nested deeper than ${maxDepth} levels`);
  }

  leave(): void {
    this.depth--;
  }

  tag(number: number, wire: number): void {
    this.varint(number * 8 + wire);
  }

  boolean(value: boolean): void {
    this.reserve(1);
    this.bytes[--this.start] = value ? 1 : 0;
  }

  /** Whole numbers up to 2^53; negative ones take ten bytes. */
  varint(value: number): void {
    if (value >= 0 && value < 0x80) {
      this.reserve(1);
      this.bytes[--this.start] = value;
    } else this.halves(value >>> 0, Math.floor(value / two32) >>> 0);
  }

  bigVarint(value: bigint): void {
    const bits = BigInt.asUintN(64, value);
    this.halves(Number(bits & 0xffff_ffffn), Number(bits >> 32n));
  }

  double(value: number): void {
    this.reserve(8);
    this.start -= 8;
    this.bytes.writeDoubleLE(value, this.start);
  }

  /** With its length. */
  string(value: string): void {
    const length = Buffer.byteLength(value);
    this.reserve(length);
    this.start -= length;
    this.bytes.write(value, this.start, length, "utf8");
    this.varint(length);
  }

  /** Without a length. */
  raw(value: Uint8Array): void {
    this.reserve(value.length);
    this.start -= value.length;
    this.bytes.set(value, this.start);
  }

  /** A copy of its own size. */
  finish(): Uint8Array {
    return new Uint8Array(this.bytes.subarray(this.start));
  }

  /** What is written here passed validation before, so a misfit is the server's fault. */
  refuse(what: string): ApiError {
    return new ApiError("InternalError", `cannot write ${what} as protobuf in field "${this.field}"`);
  }

  private halves(lowBits: number, highBits: number): void {
    this.reserve(10);
    let low = lowBits;
    let high = highBits;
    const size = varintSize(low, high);
    this.start -= size;
    for (let index = 0; index < size - 1; index++) {
      this.bytes[this.start + index] = (low & 0x7f) | 0x80;
      low = ((low >>> 7) | (high << 25)) >>> 0;
      high >>>= 7;
    }
    this.bytes[this.start + size - 1] = low;
  }

  private reserve(count: number): void {
    if (count <= this.start) return;
    const grown = Buffer.allocUnsafeSlow((this.bytes.length + count) * 2);
    const start = grown.length - this.size;
    grown.set(this.bytes.subarray(this.start), start);
    this.bytes = grown;
    this.start = start;
  }
}

function varintSize(low: number, high: number): number {
  const bits = high === 0 ? 32 - Math.clz32(low) : 64 - Math.clz32(high);
  return Math.max(1, Math.ceil(bits / 7));
}
