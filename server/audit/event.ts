import { stringifyJson } from "../../api/machinery/json.ts";
import type { Status } from "../../api/machinery/status.ts";
import type { UserInfo } from "../../api/wire.ts";
import type { Level, Stage } from "./levels.ts";

export interface ObjectReference {
  readonly resource?: string;
  readonly namespace?: string;
  readonly name?: string;
  readonly uid?: string;
  readonly apiGroup?: string;
  readonly apiVersion?: string;
  readonly resourceVersion?: string;
  readonly subresource?: string;
}

/** https://kubernetes.io/docs/reference/config-api/apiserver-audit.v1/#audit-k8s-io-v1-Event */
export interface AuditEvent {
  readonly level: Level;
  readonly auditID: string;
  readonly stage: Stage;
  readonly requestURI: string;
  readonly verb: string;
  readonly user: UserInfo | undefined;
  readonly impersonatedUser: UserInfo | undefined;
  /** Shown below `authenticationMetadata`; "" for none. */
  readonly impersonationConstraint: string;
  readonly sourceIPs: readonly string[];
  readonly userAgent: string;
  readonly objectRef: ObjectReference | undefined;
  readonly responseStatus: Partial<Status> | undefined;
  /** JSON texts. */
  readonly requestObject: string | undefined;
  readonly responseObject: string | undefined;
  /** `2026-01-02T03:04:05.678000Z` */
  readonly requestReceivedTimestamp: string;
  readonly stageTimestamp: string;
  readonly annotations: Readonly<Record<string, string>>;
}

/** An event as backends take it. */
export interface WrittenEvent {
  readonly event: AuditEvent;
  /** JSON without kind and apiVersion, which items of a list leave out. */
  readonly json: string;
}

export const typeMeta = '"kind":"Event","apiVersion":"audit.k8s.io/v1"';

/** Members in Go's order; what is empty is left out. */
export function written(event: AuditEvent): WrittenEvent {
  const { level, auditID, stage, requestURI, verb, user, impersonatedUser, sourceIPs, userAgent } = event;
  const { impersonationConstraint: constraint } = event;
  const { requestObject, responseObject, requestReceivedTimestamp, stageTimestamp, annotations } = event;
  const head = stringifyJson({
    level,
    auditID,
    stage,
    requestURI,
    verb,
    user: user === undefined ? {} : userOf(user),
    ...(impersonatedUser === undefined ? {} : { impersonatedUser: userOf(impersonatedUser) }),
    ...(constraint === "" ? {} : { authenticationMetadata: { impersonationConstraint: constraint } }),
    ...(sourceIPs.length === 0 ? {} : { sourceIPs }),
    ...(userAgent === "" ? {} : { userAgent }),
    ...(event.objectRef === undefined ? {} : { objectRef: event.objectRef }),
    ...(event.responseStatus === undefined ? {} : { responseStatus: { metadata: {}, ...event.responseStatus } }),
  });
  const names = Object.keys(annotations).toSorted();
  const tail = stringifyJson({
    requestReceivedTimestamp,
    stageTimestamp,
    ...(names.length === 0 ? {} : { annotations: Object.fromEntries(names.map((name) => [name, annotations[name]])) }),
  });
  const request = requestObject === undefined ? "" : `"requestObject":${requestObject},`;
  const response = responseObject === undefined ? "" : `"responseObject":${responseObject},`;
  return { event, json: `${head.slice(0, -1)},${request}${response}${tail.slice(1)}` };
}

function userOf({ name, uid = "", groups, extra = {} }: UserInfo): object {
  return {
    ...(name === "" ? {} : { username: name }),
    ...(uid === "" ? {} : { uid }),
    ...(groups.length === 0 ? {} : { groups }),
    ...(Object.keys(extra).length === 0 ? {} : { extra }),
  };
}
