import { type Check, exceptOnWindows, namedContainers, namesOf, type PodLike, type Violation } from "./check.ts";
import { findBadProfiles } from "./seccomp-profile.ts";

/** A filter of system calls is asked for, by the pod or by each container. */
export const seccompProfileRestricted: Check = {
  id: "seccompProfile_restricted",
  level: "restricted",
  revisions: [
    { since: 19, find, overrides: ["seccompProfile_baseline"] },
    { since: 25, find: exceptOnWindows(find), overrides: ["seccompProfile_baseline"] },
  ],
};

function find(pod: PodLike): Violation | undefined {
  const bad = findBadProfiles(pod);
  if (bad !== undefined || pod.spec.securityContext?.seccompProfile !== undefined) return bad;
  const silent = namesOf(pod, ({ securityContext }) => securityContext?.seccompProfile === undefined);
  if (silent.length === 0) return undefined;
  return {
    reason: "seccompProfile",
    detail: `pod or ${namedContainers(silent)} must set securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost"`,
  };
}
