import {
  type Check,
  containersOf,
  distinct,
  namedContainers,
  namesOf,
  quoted,
  type PodLike,
  type Violation,
} from "./check.ts";

/** Nothing beyond what the common runtimes grant by themselves. */
export const capabilitiesBaseline: Check = {
  id: "capabilities_baseline",
  level: "baseline",
  revisions: [{ since: 0, find }],
};

const allowed: ReadonlySet<string> = new Set([
  "AUDIT_WRITE",
  "CHOWN",
  "DAC_OVERRIDE",
  "FOWNER",
  "FSETID",
  "KILL",
  "MKNOD",
  "NET_BIND_SERVICE",
  "SETFCAP",
  "SETGID",
  "SETPCAP",
  "SETUID",
  "SYS_CHROOT",
]);

function find(pod: PodLike): Violation | undefined {
  const names = namesOf(pod, ({ securityContext }) =>
    securityContext?.capabilities?.add?.some((capability) => !allowed.has(capability)),
  );
  if (names.length === 0) return undefined;
  const added = containersOf(pod).flatMap(({ securityContext }) => securityContext?.capabilities?.add ?? []);
  const refused = distinct(added.filter((capability) => !allowed.has(capability)));
  return {
    reason: "non-default capabilities",
    detail: `${namedContainers(names)} must not include ${quoted(refused)} in securityContext.capabilities.add`,
  };
}
