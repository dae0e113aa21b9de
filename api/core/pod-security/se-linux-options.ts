import type { SELinuxOptions } from "../../generated/types/core-v1.ts";
import type { DeepReadonly } from "../../machinery/object.ts";
import {
  type Check,
  containersOf,
  distinct,
  namesOf,
  plural,
  quoted,
  setters,
  type PodLike,
  type Revision,
  type Violation,
} from "./check.ts";

const types: readonly string[] = ["", "container_t", "container_init_t", "container_kvm_t"];

export const seLinuxOptions: Check = {
  id: "seLinuxOptions",
  level: "baseline",
  revisions: [
    { since: 0, find: finder(types) },
    { since: 31, find: finder([...types, "container_engine_t"]) },
  ],
};

type Options = DeepReadonly<SELinuxOptions> | undefined;

function finder(allowed: readonly string[]): Revision["find"] {
  const isBad = (options: Options): boolean =>
    options !== undefined && (!allowed.includes(options.type ?? "") || Boolean(options.user) || Boolean(options.role));
  return (pod) => {
    const who = setters(
      isBad(pod.spec.securityContext?.seLinuxOptions),
      namesOf(pod, ({ securityContext }) => isBad(securityContext?.seLinuxOptions)),
    );
    return who === "" ? undefined : violation(who, pod, allowed);
  };
}

function violation(who: string, pod: PodLike, allowed: readonly string[]): Violation {
  const contexts = [pod.spec.securityContext, ...containersOf(pod).map(({ securityContext }) => securityContext)];
  const options = contexts.flatMap((context) => context?.seLinuxOptions ?? []);
  const refused = distinct(options.map(({ type = "" }) => type).filter((type) => !allowed.includes(type)));
  const faults = [
    ...(refused.length > 0 ? [`${plural(refused.length, "type")} ${quoted(refused)}`] : []),
    ...(options.some(({ user }) => user) ? ["user may not be set"] : []),
    ...(options.some(({ role }) => role) ? ["role may not be set"] : []),
  ];
  return {
    reason: "seLinuxOptions",
    detail: `${who} set forbidden securityContext.seLinuxOptions: ${faults.join("; ")}`,
  };
}
