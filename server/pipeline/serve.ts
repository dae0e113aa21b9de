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
import type { FlowControl } from "../flow-control/flow-control.ts";
import { deadlineOf, type DeadlineParts } from "./deadline.ts";
import { refuse } from "./refuse.ts";
import { warningHeaders } from "./warnings.ts";
import type { Described, Permitted } from "./stages.ts";

/** The stages in the order of docs/lifecycle.md. */
export interface Parts {
  readonly authenticators: readonly Authenticator[];
  readonly authorizer: Authorizer;
  readonly flowControl: FlowControl;
  readonly deadline: DeadlineParts;
  readonly dispatch: (permitted: Permitted) => Promise<ApiResponse>;
  readonly observe: RequestObserver;
  readonly random: Random;
  readonly log: Logger;
}

const none: ReadonlySet<string> = new Set();

/** One request from arrival to answer; nothing is thrown out of here. */
export function createServe(parts: Parts): Transport {
  return async (request) => {
    const auditId = request.headers["audit-id"]?.slice(0, 64) ?? parts.random.uuid();
    const finished = parts.observe.started();
    /** Of flow control, also on a refusal that follows it. */
    const headers: Record<string, string> = { "audit-id": auditId };
    let described: Described | undefined;
    let response: ApiResponse;
    try {
      described = describe(request, auditId);
      response = await serve(described, parts, headers);
    } catch (thrown) {
      response = await refuse(logged(thrown, request, parts.log), request);
    }
    finished(described, response);
    const warnings = warningHeaders(described?.warnings ?? none);
    const warning = warnings.length === 0 ? {} : { warning: warnings };
    return { ...response, headers: { ...response.headers, ...headers, ...warning } };
  };
}

function serve(described: Described, parts: Parts, headers: Record<string, string>): Promise<ApiResponse> {
  const deadline = deadlineOf(described, parts.deadline);
  return deadline.bound(async () => {
    const authenticated = await authenticate(deadline.described, parts.authenticators);
    const identified = await impersonate(authenticated, parts.authorizer);
    const flow = parts.flowControl.classify(identified);
    Object.assign(headers, flow.headers);
    const entered = flow.enter(deadline.patience());
    const leave = entered instanceof Promise ? await entered : entered;
    try {
      const permitted = authorize(identified, parts.authorizer);
      return await parts.dispatch(permitted instanceof Promise ? await permitted : permitted);
    } finally {
      leave();
    }
  });
}

/** What is no ApiError is our own fault, unless the client went: told in the log, and to the client only as an internal error. */
function logged(thrown: unknown, { method, url, signal }: ApiRequest, log: Logger): ApiError {
  if (!(thrown instanceof ApiError) && !signal.aborted) log.error("a request failed", { method, url, error: thrown });
  return ApiError.from(thrown);
}
