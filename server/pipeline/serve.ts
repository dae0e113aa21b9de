import type { Authenticator } from "../../auth/authn/authenticator.ts";
import type { Authorizer } from "../../auth/authz/authorizer.ts";
import { ApiError } from "../../api/machinery/status.ts";
import type { ApiRequest, ApiResponse, Transport } from "../../api/wire.ts";
import type { Logger } from "../../base/log.ts";
import type { Random } from "../../base/random.ts";
import type { RequestObserver } from "./observe.ts";
import { authenticate } from "./authenticate.ts";
import { authorize } from "./authorize.ts";
import { describe } from "./describe.ts";
import { impersonate } from "./impersonate.ts";
import type { InFlight } from "./limit.ts";
import { refuse } from "./refuse.ts";
import type { Described, Permitted } from "./stages.ts";

/** The stages in the order of docs/lifecycle.md. */
export interface Parts {
  readonly authenticators: readonly Authenticator[];
  readonly authorizers: readonly Authorizer[];
  readonly inFlight: InFlight;
  readonly dispatch: (permitted: Permitted) => Promise<ApiResponse>;
  readonly observe: RequestObserver;
  readonly random: Random;
  readonly log: Logger;
}

/** One request from arrival to answer; nothing is thrown out of here. */
export function createServe(parts: Parts): Transport {
  return async (request) => {
    const auditId = request.headers["audit-id"]?.slice(0, 64) ?? parts.random.uuid();
    const finished = parts.observe.started();
    let described: Described | undefined;
    let response: ApiResponse;
    try {
      described = describe(request, auditId);
      response = await serve(described, parts);
    } catch (thrown) {
      response = await refuse(logged(thrown, request, parts.log), request);
    }
    finished(described, response);
    return { ...response, headers: { ...response.headers, "audit-id": auditId } };
  };
}

async function serve(described: Described, parts: Parts): Promise<ApiResponse> {
  const authenticated = await authenticate(described, parts.authenticators);
  const identified = impersonate(authenticated, parts.authorizers);
  const leave = parts.inFlight.enter(identified);
  try {
    return await parts.dispatch(authorize(identified, parts.authorizers));
  } finally {
    leave();
  }
}

/** What is no ApiError is our own fault, unless the client went: told in the log, and to the client only as an internal error. */
function logged(thrown: unknown, { method, url, signal }: ApiRequest, log: Logger): ApiError {
  if (!(thrown instanceof ApiError) && !signal.aborted) log.error("a request failed", { method, url, error: thrown });
  return ApiError.from(thrown);
}
