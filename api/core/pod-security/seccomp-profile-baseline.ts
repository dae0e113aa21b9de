import { getOwn } from "../../machinery/members.ts";
import { type Check, containersOf, distinct, plural, type PodLike, type Violation } from "./check.ts";
import { findBadProfiles } from "./seccomp-profile.ts";

/** The filter of system calls may not be switched off. Before v1.19 annotations chose it. */
export const seccompProfileBaseline: Check = {
  id: "seccompProfile_baseline",
  level: "baseline",
  revisions: [
    { since: 0, find: findBadAnnotations },
    { since: 19, find: findBadProfiles },
  ],
};

const podAnnotation = "seccomp.security.alpha.kubernetes.io/pod";
const containerPrefix = "container.seccomp.security.alpha.kubernetes.io/";

function findBadAnnotations(pod: PodLike): Violation | undefined {
  const annotations = pod.metadata.annotations ?? {};
  const keys = [podAnnotation, ...containersOf(pod).map(({ name }) => `${containerPrefix}${name}`)];
  const bad = distinct(
    keys.flatMap((key) => {
      const value = getOwn(annotations, key);
      return value === undefined || isAllowed(value) ? [] : [`${key}=${JSON.stringify(value)}`];
    }),
  );
  if (bad.length === 0) return undefined;
  return { reason: "seccompProfile", detail: `forbidden ${plural(bad.length, "annotation")} ${bad.join(", ")}` };
}

function isAllowed(profile: string): boolean {
  return profile === "runtime/default" || profile === "docker/default" || profile.startsWith("localhost/");
}
