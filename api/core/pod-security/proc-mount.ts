import {
  type Check,
  containersOf,
  distinct,
  exceptInUserNamespace,
  namedContainers,
  namesOf,
  quoted,
  type PodLike,
  type Violation,
} from "./check.ts";

/** What the runtime hides in /proc stays hidden. */
export const procMount: Check = {
  id: "procMount",
  level: "baseline",
  revisions: [
    { since: 0, find },
    { since: 35, find: exceptInUserNamespace(find) },
  ],
};

/** Where baseline began to make an exception, restricted still makes none. */
export const procMountRestricted: Check = {
  id: "procMount_restricted",
  level: "restricted",
  revisions: [{ since: 35, find, overrides: ["procMount"] }],
};

function find(pod: PodLike): Violation | undefined {
  const names = namesOf(pod, ({ securityContext }) => !isDefault(securityContext?.procMount));
  if (names.length === 0) return undefined;
  const types = containersOf(pod).map(({ securityContext }) => securityContext?.procMount);
  const refused = distinct(types.flatMap((type) => (type === undefined || isDefault(type) ? [] : [type])));
  return {
    reason: "procMount",
    detail: `${namedContainers(names)} must not set securityContext.procMount to ${quoted(refused)}`,
  };
}

function isDefault(type: string | undefined): boolean {
  return type === undefined || type === "Default";
}
