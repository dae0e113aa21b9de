import { randomUUID, randomBytes } from "node:crypto";

/** Injected randomness, so that a seed reproduces a run. */
export interface Random {
  /** A version 4 UUID. */
  uuid(): string;
  /** A whole number in [0, below). */
  integer(below: number): number;
}

export const systemRandom: Random = {
  uuid: () => randomUUID(),
  integer: (below) => Math.floor((randomBytes(6).readUIntBE(0, 6) / 2 ** 48) * below),
};
