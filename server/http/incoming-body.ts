import type { RequestBody } from "../../api/wire.ts";
import { cut, type Incoming, isHttp2 } from "./exchange.ts";
import type { Lifetime } from "./lifetime.ts";

/** A request's body. A reader that stops early leaves the connection as it is, to be answered on. */
export class IncomingBody implements RequestBody {
  readonly #incoming: Incoming;
  readonly #lifetime: Lifetime;
  readonly #requestMs: number;

  constructor(incoming: Incoming, lifetime: Lifetime, requestMs: number) {
    this.#incoming = incoming;
    this.#lifetime = lifetime;
    this.#requestMs = requestMs;
  }

  /** At the reader's pace. */
  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array, void> {
    const tooLong = this.#limit();
    try {
      const pieces: AsyncIterable<Uint8Array> = this.#incoming.iterator({ destroyOnReturn: false });
      yield* pieces;
      if (this.#wasCutOff()) throw cutOff();
    } finally {
      clearTimeout(tooLong);
    }
  }

  /** With listeners of its own: an async iterator over a stream costs more than to parse a small body. */
  whole(maxBytes: number): Promise<Buffer | undefined> {
    const incoming = this.#incoming;
    return new Promise((resolve, reject) => {
      const pieces: Buffer[] = [];
      let size = 0;
      const take = (piece: Buffer): void => {
        size += piece.length;
        pieces.push(piece);
        if (size > maxBytes) settle(() => resolve(undefined));
      };
      const end = (): void => settle(() => (this.#wasCutOff() ? reject(cutOff()) : resolve(joined(pieces, size))));
      const fail = (): void => settle(() => reject(cutOff()));
      const tooLong = this.#limit();
      const settle = (answer: () => void): void => {
        clearTimeout(tooLong);
        incoming.off("data", take).off("end", end).off("close", fail).pause();
        answer();
      };
      // The error of a broken stream is always followed by `close`.
      incoming.on("data", take).on("end", end).on("close", fail).on("error", fail);
    });
  }

  #limit(): NodeJS.Timeout {
    return setTimeout(() => cut(this.#incoming), this.#requestMs);
  }

  /** HTTP/2 ends the stream of a body that was cut off as if it had been whole. */
  #wasCutOff(): boolean {
    const incoming = this.#incoming;
    return this.#lifetime.aborted || (isHttp2(incoming) && incoming.stream.rstCode !== 0);
  }
}

function cutOff(): Error {
  return new Error("the client cut its request off");
}

function joined(pieces: readonly Buffer[], size: number): Buffer {
  const [first] = pieces;
  return first !== undefined && pieces.length === 1 ? first : Buffer.concat(pieces, size);
}
