import type { ApiRequest, ApiResponse, Peer } from "../../api/wire.ts";
import type { Draining } from "./draining.ts";
import type { Incoming } from "./exchange.ts";
import type { HttpLog } from "./http-log.ts";
import type { HttpLimits } from "./limits.ts";

/** What answering needs to know of the server. */
export interface ExchangeParts {
  readonly handle: (request: ApiRequest) => Promise<ApiResponse>;
  readonly peerOf: (incoming: Incoming) => Peer;
  readonly limits: HttpLimits;
  readonly draining: Draining;
  readonly log: HttpLog;
}
