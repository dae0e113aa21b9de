import type { Draining } from "./draining.ts";

/** What writing an answer needs to know of the server. */
export interface RespondParts {
  readonly draining: Draining;
  readonly stallMs: number;
}
