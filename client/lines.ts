import { ConnectionError } from "./connection-error.ts";

const newline = 0x0a;

/** Puts pieces of bytes together to lines, of at most `maxBytes` each. */
export class Lines {
  readonly #maxBytes: number;
  /** The beginning of a line whose end is still to come. */
  #begun: Uint8Array[] = [];
  #begunBytes = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** Whether the last piece stopped within a line. */
  get isWithin(): boolean {
    return this.#begunBytes > 0;
  }

  /** The lines that this piece completes, without the empty ones. */
  *add(piece: Uint8Array): Generator<Uint8Array> {
    let start = 0;
    for (let end = piece.indexOf(newline); end >= 0; end = piece.indexOf(newline, start)) {
      const line = this.#complete(piece.subarray(start, end));
      start = end + 1;
      if (line.length > 0) yield line;
    }
    this.#begin(piece.subarray(start));
  }

  #complete(rest: Uint8Array): Uint8Array {
    if (this.#begun.length === 0) return rest;
    this.#begin(rest);
    const line = Buffer.concat(this.#begun, this.#begunBytes);
    this.#begun = [];
    this.#begunBytes = 0;
    return line;
  }

  #begin(piece: Uint8Array): void {
    if (piece.length === 0) return;
    this.#begunBytes += piece.length;
    if (this.#begunBytes > this.#maxBytes) throw new ConnectionError(`a line is longer than ${this.#maxBytes} bytes`);
    this.#begun.push(piece);
  }
}
