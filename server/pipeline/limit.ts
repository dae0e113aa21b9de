import { ApiError } from "../../api/machinery/status.ts";
import type { Identified } from "./stages.ts";

const longRunning = new Set(["log", "exec", "attach", "portforward", "proxy"]);

export interface InFlightLimits {
  readonly readOnly: number;
  readonly mutating: number;
}

/** Upstream's defaults of --max-requests-inflight and --max-mutating-requests-inflight. */
export const defaultInFlight: InFlightLimits = { readOnly: 400, mutating: 200 };

/** Bounds the requests under way; watches and streams are not counted, and system:masters is never turned away. */
export class InFlight {
  readonly #limits: InFlightLimits;
  #readOnly = 0;
  #mutating = 0;

  constructor(limits: InFlightLimits) {
    this.#limits = limits;
  }

  get current(): { readonly readOnly: number; readonly mutating: number } {
    return { readOnly: this.#readOnly, mutating: this.#mutating };
  }

  /** Throws 429; the returned function gives the place back. */
  enter({ target, user }: Identified): () => void {
    if (target.type === "resource" && (target.verb === "watch" || longRunning.has(target.subresource))) return () => {};
    const exempt = user.groups.includes("system:masters");
    const reading = target.type === "nonResource" || target.verb === "get" || target.verb === "list";
    if (reading) {
      if (!exempt && this.#readOnly >= this.#limits.readOnly) throw tooMany();
      this.#readOnly += 1;
      return () => void (this.#readOnly -= 1);
    }
    if (!exempt && this.#mutating >= this.#limits.mutating) throw tooMany();
    this.#mutating += 1;
    return () => void (this.#mutating -= 1);
  }
}

function tooMany(): ApiError {
  return new ApiError("TooManyRequests", "Too many requests, please try again later.", {
    details: { retryAfterSeconds: 1 },
  });
}
