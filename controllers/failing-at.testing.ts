import { ApiError } from "../api/machinery/status.ts";
import type { Transport } from "../api/wire.ts";

export interface Failing {
  /** For the stage. */
  readonly through: (transport: Transport) => Transport;
  /** The write of this number (from 0) in a namespace is to fail. */
  arm(namespace: string, at: number): void;
  /** In how many namespaces it has failed. */
  readonly failures: number;
}

/** Makes writes of the controllers fail: they never reach the server, or their answers never come back. */
export function failingAt(how: "unsent" | "unanswered"): Failing {
  const left = new Map<string, number>();
  let failures = 0;
  return {
    through: (transport) => async (request) => {
      const namespace = /\/namespaces\/([^/?]+)\//.exec(request.url)?.[1] ?? "";
      const before = left.get(namespace);
      // Events come when there is time for them, and nobody depends on them.
      const isMeant = request.method !== "GET" && !/\/events(?:[/?]|$)/.test(request.url);
      if (!isMeant || before === undefined) return transport(request);
      if (before > 0) {
        left.set(namespace, before - 1);
        return transport(request);
      }
      left.delete(namespace);
      failures += 1;
      if (how === "unanswered") await transport(request);
      throw new ApiError("ServiceUnavailable", "the test says no");
    },
    arm: (namespace, at) => void left.set(namespace, at),
    get failures() {
      return failures;
    },
  };
}
