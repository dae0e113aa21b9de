import type { Check, PodLike, Violation } from "./check.ts";

export const hostNamespaces: Check = { id: "hostNamespaces", level: "baseline", revisions: [{ since: 0, find }] };

const fields = ["hostNetwork", "hostPID", "hostIPC"] as const;

function find({ spec }: PodLike): Violation | undefined {
  const shared = fields.filter((field) => spec[field] === true);
  return shared.length === 0
    ? undefined
    : { reason: "host namespaces", detail: shared.map((field) => `${field}=true`).join(", ") };
}
