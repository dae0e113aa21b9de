import { type Check, exceptOnWindows, namedContainers, namesOf, type PodLike, type Violation } from "./check.ts";

/** No process may gain more than its parent has, by set-user-ID files for example. */
export const allowPrivilegeEscalation: Check = {
  id: "allowPrivilegeEscalation",
  level: "restricted",
  revisions: [
    { since: 8, find },
    { since: 25, find: exceptOnWindows(find) },
  ],
};

function find(pod: PodLike): Violation | undefined {
  const names = namesOf(pod, ({ securityContext }) => securityContext?.allowPrivilegeEscalation !== false);
  if (names.length === 0) return undefined;
  return {
    reason: "allowPrivilegeEscalation != false",
    detail: `${namedContainers(names)} must set securityContext.allowPrivilegeEscalation=false`,
  };
}
