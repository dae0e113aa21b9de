import { written, type AuditEvent, type WrittenEvent } from "./event.ts";

const plain: AuditEvent = {
  level: "Metadata",
  auditID: "0",
  stage: "ResponseComplete",
  requestURI: "/api/v1/namespaces",
  verb: "list",
  user: { name: "jane", groups: ["developers"] },
  impersonatedUser: undefined,
  impersonationConstraint: "",
  sourceIPs: ["10.0.0.1"],
  userAgent: "kubectl/v1.36",
  objectRef: { resource: "namespaces", apiVersion: "v1" },
  responseStatus: { code: 200 },
  requestObject: undefined,
  responseObject: undefined,
  requestReceivedTimestamp: "2026-01-02T03:04:05.678000Z",
  stageTimestamp: "2026-01-02T03:04:05.679000Z",
  annotations: {},
};

export function anEvent(fields: Partial<AuditEvent> = {}): WrittenEvent {
  return written({ ...plain, ...fields });
}

/** With ids from a number on. */
export function events(count: number, first = 0): readonly WrittenEvent[] {
  return Array.from({ length: count }, (_, index) => anEvent({ auditID: String(first + index) }));
}
