import { stringifyJson } from "../../api/machinery/json.ts";
import { isObject } from "../../api/machinery/members.ts";
import { ApiError, type Status } from "../../api/machinery/status.ts";
import { formatMicroTime } from "../../api/machinery/time.ts";
import type { UserInfo } from "../../api/wire.ts";
import type { Clock } from "../../base/clock.ts";
import type { Described } from "../pipeline/stages.ts";
import type { AuditBackend } from "./backend.ts";
import { namespaceOf, type AuditDecision, type EvaluatePolicy } from "./compile-policy.ts";
import { written, type AuditEvent, type ObjectReference } from "./event.ts";
import { isAtLeast, type Stage } from "./levels.ts";
import { withoutManagedFields } from "./managed-fields.ts";
import type { AuditMetrics } from "./metrics.ts";
import { redactorOf, withoutToken } from "./redact.ts";
import { sourceAddresses, userAgentOf } from "./request-metadata.ts";

export interface TrailDeps {
  readonly evaluate: EvaluatePolicy;
  readonly backend: AuditBackend;
  readonly metrics: AuditMetrics;
  /** The cluster's. */
  readonly clock: Clock;
}

type Answered = Pick<AuditEvent, "responseStatus" | "responseObject">;

const unanswered: Answered = { responseStatus: undefined, responseObject: undefined };

/** What is noted of one request, from when it is known who asks. */
export class Trail {
  readonly #deps: TrailDeps;
  readonly #described: Described;
  readonly #user: UserInfo | undefined;
  readonly #decision: AuditDecision;
  readonly #received: number;
  #impersonated: UserInfo | undefined;
  #constraint = "";
  #named: ObjectReference = {};
  #requestObject: string | undefined;
  #isPassedOn = false;

  /** `user` is undefined for a request that is refused before it is known who asks. */
  constructor(described: Described, user: UserInfo | undefined, received: number, deps: TrailDeps) {
    const { target, path } = described;
    this.#deps = deps;
    this.#described = described;
    this.#user = user;
    this.#received = received;
    this.#decision = deps.evaluate({ user, target, path });
    deps.metrics.level(this.#decision.level);
  }

  get described(): Described {
    return this.#described;
  }

  /** False: no rule of the policy wants to know. */
  get isNoted(): boolean {
    return this.#decision.level !== "None";
  }

  get wantsAnswers(): boolean {
    return (
      this.#decision.level === "RequestResponse" && !this.#isPassedOn && this.#described.target.type === "resource"
    );
  }

  /** `constraint` is the verb of constrained impersonation that allowed it, or "". */
  actsAs(user: UserInfo, constraint: string): void {
    this.#impersonated = user;
    this.#constraint = constraint;
  }

  /** Another server answers: what it says is for its own log. */
  passedOn(): void {
    this.#isPassedOn = true;
  }

  /** What the client sent, once it is understood; called before anything is changed of it. */
  sent(object: unknown): void {
    if (!this.isNoted) return;
    if (isObject(object)) this.#named = namesOf(object["metadata"]);
    if (isAtLeast(this.#decision.level, "Request")) this.#requestObject = this.textOf(object);
  }

  /** JSON, without what must not be told. */
  textOf(object: unknown): string {
    const redact = redactorOf(this.#described.target);
    const shown = this.#decision.omitManagedFields ? withoutManagedFields(object) : object;
    return stringifyJson(redact === undefined ? shown : redact(shown));
  }

  /** False where the log could not be told, and the request should fail for it. */
  received(): boolean | Promise<boolean> {
    return this.#write("RequestReceived", unanswered);
  }

  note(stage: Exclude<Stage, "RequestReceived">, answered: Answered): boolean | Promise<boolean> {
    return this.#write(stage, answered);
  }

  #write(stage: Stage, answered: Answered): boolean | Promise<boolean> {
    const { backend, metrics, clock } = this.#deps;
    if (!this.isNoted || this.#decision.omits.has(stage)) return true;
    metrics.event();
    const now = stage === "RequestReceived" ? this.#received : clock.now();
    return backend.process([written(this.#event(stage, now, answered))]);
  }

  #event(stage: Stage, now: number, answered: Answered): AuditEvent {
    const { request, target, auditId, annotations } = this.#described;
    return {
      level: this.#decision.level,
      auditID: auditId,
      stage,
      requestURI: withoutToken(request.url),
      verb: target.verb,
      user: this.#user,
      impersonatedUser: this.#impersonated,
      impersonationConstraint: this.#constraint,
      sourceIPs: sourceAddresses(request),
      userAgent: userAgentOf(request),
      objectRef: this.#reference(),
      requestObject: this.#requestObject,
      ...answered,
      requestReceivedTimestamp: formatMicroTime(this.#received),
      stageTimestamp: formatMicroTime(now),
      annotations: Object.fromEntries(annotations),
    };
  }

  /** What the URL leaves open, the object says. */
  #reference(): ObjectReference | undefined {
    const { target } = this.#described;
    if (target.type !== "resource") return undefined;
    const { resource, subresource, group, version } = target;
    const { uid, resourceVersion } = this.#named;
    const namespace = namespaceOf(target) || this.#named.namespace;
    const name = target.name || this.#named.name;
    return {
      resource,
      ...(namespace ? { namespace } : {}),
      ...(name ? { name } : {}),
      ...(uid ? { uid } : {}),
      ...(group === "" ? {} : { apiGroup: group }),
      apiVersion: version,
      ...(resourceVersion ? { resourceVersion } : {}),
      ...(subresource === "" ? {} : { subresource }),
    };
  }
}

function namesOf(metadata: unknown): ObjectReference {
  if (!isObject(metadata)) return {};
  const named: Record<string, string> = {};
  for (const field of ["namespace", "name", "uid", "resourceVersion"]) {
    const value = metadata[field];
    if (typeof value === "string") named[field] = value;
  }
  return named;
}

/** As an event tells it: without what is always the same. */
export function statusFields({ status, message, reason, details, code }: Partial<Status>): Partial<Status> {
  return {
    ...(status === undefined ? {} : { status }),
    ...(message === undefined || message === "" ? {} : { message }),
    ...(reason === undefined || reason === "" ? {} : { reason }),
    ...(details === undefined ? {} : { details }),
    ...(code === undefined ? {} : { code }),
  };
}

/** In upstream's words. */
export function notStored(url: string): ApiError {
  const text = `Internal Server Error: ${JSON.stringify(withoutToken(url))}: failed to store audit event`;
  return new ApiError("InternalError", text);
}
