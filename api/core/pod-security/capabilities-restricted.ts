import {
  type Check,
  containersOf,
  distinct,
  exceptOnWindows,
  namedContainers,
  namesOf,
  quoted,
  type PodLike,
  type Violation,
} from "./check.ts";

/** Everything is dropped; binding to low ports may be added again. */
export const capabilitiesRestricted: Check = {
  id: "capabilities_restricted",
  level: "restricted",
  revisions: [
    { since: 22, find, overrides: ["capabilities_baseline"] },
    { since: 25, find: exceptOnWindows(find), overrides: ["capabilities_baseline"] },
  ],
};

const mayAdd = "NET_BIND_SERVICE";

function find(pod: PodLike): Violation | undefined {
  const details: string[] = [];
  const keeping = namesOf(pod, ({ securityContext }) => securityContext?.capabilities?.drop?.includes("ALL") !== true);
  if (keeping.length > 0)
    details.push(`${namedContainers(keeping)} must set securityContext.capabilities.drop=["ALL"]`);
  const adding = namesOf(pod, ({ securityContext }) =>
    securityContext?.capabilities?.add?.some((capability) => capability !== mayAdd),
  );
  if (adding.length > 0) {
    const added = containersOf(pod).flatMap(({ securityContext }) => securityContext?.capabilities?.add ?? []);
    const refused = quoted(distinct(added.filter((capability) => capability !== mayAdd)));
    details.push(`${namedContainers(adding)} must not include ${refused} in securityContext.capabilities.add`);
  }
  return details.length === 0 ? undefined : { reason: "unrestricted capabilities", detail: details.join("; ") };
}
