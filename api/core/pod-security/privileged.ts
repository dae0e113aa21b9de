import { type Check, namedContainers, namesOf, type PodLike, type Violation } from "./check.ts";

export const privileged: Check = { id: "privileged", level: "baseline", revisions: [{ since: 0, find }] };

function find(pod: PodLike): Violation | undefined {
  const names = namesOf(pod, ({ securityContext }) => securityContext?.privileged);
  if (names.length === 0) return undefined;
  return { reason: "privileged", detail: `${namedContainers(names)} must not set securityContext.privileged=true` };
}
