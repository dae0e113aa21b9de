import { randomInt, randomUUID } from "node:crypto";

/** Injected randomness, so that a seed reproduces a run. */
export interface Random {
  /** A version 4 UUID. */
  uuid(): string;
  /** A whole number in [0, below); below is less than 2^48. */
  integer(below: number): number;
}

export const systemRandom: Random = {
  uuid: () => randomUUID(),
  // Out of entropy that node:crypto fetches for a thousand calls at once.
  integer: (below) => randomInt(below),
};
