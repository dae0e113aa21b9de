import type { Authorizer } from "../../auth/authz/authorizer.ts";
import { ApiError } from "../../api/machinery/status.ts";
import type { ApiRequest, ApiResponse, Transport } from "../../api/wire.ts";
import type { Logger } from "../../base/log.ts";
import type { Random } from "../../base/random.ts";
import type { Auditor } from "../audit/auditor.ts";
import type { RequestObserver } from "./observe.ts";
import { authenticate, type AuthenticateParts } from "./authenticate.ts";
import { withoutToken } from "../audit/redact.ts";
import { RequestAudit } from "./audit.ts";
import { authorize } from "./authorize.ts";
import { describe } from "./describe.ts";
import { createImpersonation } from "./impersonate.ts";
import type { FlowControl } from "../flow-control/flow-control.ts";
import { deadlineOf, type DeadlineParts } from "./deadline.ts";
import { refuse } from "./refuse.ts";
import { warningHeaders } from "./warnings.ts";
import { translateStoreErrors } from "../strategy/store-errors.ts";
import type { Described, Permitted } from "./stages.ts";

/** The stages in the order of docs/lifecycle.md. */
export interface Parts extends AuthenticateParts {
  readonly authorizer: Authorizer;
  readonly flowControl: FlowControl;
  readonly deadline: DeadlineParts;
  readonly dispatch: (permitted: Permitted) => Promise<ApiResponse>;
  readonly observe: RequestObserver;
  readonly random: Random;
  /** Undefined: nothing is noted. */
  readonly auditor?: Auditor | undefined;
}

const none: ReadonlySet<string> = new Set();

/** One request from arrival to answer; nothing is thrown out of here. */
export function createServe(parts: Parts): Transport {
  const stages = { ...parts, impersonate: createImpersonation(parts.authorizer) };
  return async (request) => {
    const auditId = request.headers["audit-id"]?.slice(0, 64) ?? parts.random.uuid();
    const finished = parts.observe.started();
    /** Of flow control, also on a refusal that follows it. */
    const headers: Record<string, string> = { "audit-id": auditId };
    const audit = parts.auditor === undefined ? undefined : new RequestAudit(parts.auditor);
    let described: Described | undefined;
    let response: ApiResponse;
    let thrown: unknown;
    try {
      described = describe(request, auditId);
      response = await serve(described, stages, { headers, audit });
    } catch (caught) {
      thrown = judged(caught, request, parts.log);
      response = await refuse(ApiError.from(thrown), request);
    }
    finished(described, response);
    if (audit !== undefined && described !== undefined) response = await audit.end(described, { response, thrown });
    const warnings = warningHeaders(described?.warnings ?? none);
    const warning = warnings.length === 0 ? {} : { warning: warnings };
    return { ...response, headers: { ...response.headers, ...headers, ...warning } };
  };
}

interface Stages extends Parts {
  readonly impersonate: ReturnType<typeof createImpersonation>;
}

interface Told {
  readonly headers: Record<string, string>;
  readonly audit: RequestAudit | undefined;
}

function serve(described: Described, parts: Stages, { headers, audit }: Told): Promise<ApiResponse> {
  const deadline = deadlineOf(described, parts.deadline);
  return deadline.bound(async () => {
    const known = await authenticate(deadline.described, parts);
    const authenticated = audit === undefined ? known : await audit.begin(known);
    const identified = await parts.impersonate(authenticated);
    if (identified.impersonation !== undefined)
      identified.trail?.actsAs(identified.user, identified.impersonation.constraint);
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

/**
 * What is no ApiError is our own fault, unless the client went: told in the log, and to the client only as an internal error.
 * Of the store's own it is told more.
 */
function judged(thrown: unknown, { method, url, signal }: ApiRequest, log: Logger): unknown {
  if (!(thrown instanceof ApiError) && !signal.aborted)
    log.error("a request failed", { method, url: withoutToken(url), error: thrown });
  return translateStoreErrors(thrown);
}
