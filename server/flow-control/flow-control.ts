import { ApiError } from "../../api/machinery/status.ts";
import type { Identified } from "../pipeline/stages.ts";

/** Decides which requests go on at once, which wait, and which are turned away. */
export interface FlowControl {
  classify(identified: Identified): Flow;
  /** Requests under way that are counted. */
  readonly current: { readonly readOnly: number; readonly mutating: number };
}

/** One request's place in the order of things. */
export interface Flow {
  /** Sent with its answer, whatever that is. */
  readonly headers: Readonly<Record<string, string>>;
  /**
   * A place, in this tick when one is free; waits for one no longer than `patience` (milliseconds).
   * Throws, or rejects with, 429.
   */
  enter(patience: number): Leave | Promise<Leave>;
}

/** Gives the place back; to be called once. */
export type Leave = () => void;

export function tooManyRequests(retryAfterSeconds: number): ApiError {
  return new ApiError("TooManyRequests", "Too many requests, please try again later.", {
    details: { retryAfterSeconds },
  });
}

/** What is neither limited nor counted. */
export const unlimited: Flow = { headers: {}, enter: () => () => undefined };
