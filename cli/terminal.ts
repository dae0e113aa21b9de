import { type Paint, paintFor } from "./paint.ts";

/** Where the command speaks: what was asked for on `out`, all else on `err`. */
export interface Terminal {
  readonly out: NodeJS.WritableStream;
  readonly err: NodeJS.WritableStream;
  /** For `out`. */
  readonly paint: Paint;
}

export function systemTerminal({ stdout, stderr, env }: NodeJS.Process): Terminal {
  return { out: stdout, err: stderr, paint: paintFor(stdout.isTTY, env) };
}
