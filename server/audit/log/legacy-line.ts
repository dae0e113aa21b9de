import type { UserInfo } from "../../../api/wire.ts";
import type { AuditEvent } from "../event.ts";

/** Upstream's older format: what happened, in one line of text. */
export function legacyLine(event: AuditEvent): string {
  const { auditID, stage, sourceIPs, verb, user, impersonatedUser, userAgent, objectRef, requestURI } = event;
  const fields = {
    id: auditID,
    stage,
    ip: sourceIPs[0] ?? "<unknown>",
    method: verb,
    user: user?.name || "<none>",
    groups: user?.name ? groupsOf(user) || "<none>" : "<none>",
    as: impersonatedUser?.name ?? "<self>",
    asgroups: impersonatedUser === undefined ? "<lookup>" : groupsOf(impersonatedUser),
    "user-agent": userAgent,
    namespace: objectRef?.namespace || "<none>",
    uri: requestURI,
    response: String(event.responseStatus?.code ?? "<deferred>"),
  };
  const said = Object.entries(fields).map(([name, value]) => `${name}=${JSON.stringify(value)}`);
  return `${event.requestReceivedTimestamp} AUDIT: ${said.join(" ")}`;
}

function groupsOf({ groups }: UserInfo): string {
  return groups.map((group) => JSON.stringify(group)).join(",");
}
