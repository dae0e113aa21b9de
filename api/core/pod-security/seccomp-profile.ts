import type { SecurityContext } from "../../generated/types/core-v1.ts";
import type { DeepReadonly } from "../../machinery/object.ts";
import { containersOf, distinct, namesOf, quoted, setters, type PodLike, type Violation } from "./check.ts";

type Context = Pick<DeepReadonly<SecurityContext>, "seccompProfile"> | undefined;

/** What both seccomp checks have in common: nobody may ask for another profile than the runtime's or one of the node's. */
export function findBadProfiles(pod: PodLike): Violation | undefined {
  const ofPod = badType(pod.spec.securityContext);
  const who = setters(
    ofPod !== undefined,
    namesOf(pod, ({ securityContext }) => badType(securityContext) !== undefined),
  );
  if (who === "") return undefined;
  const contexts = [pod.spec.securityContext, ...containersOf(pod).map(({ securityContext }) => securityContext)];
  const types = distinct(contexts.flatMap((context) => badType(context) ?? []));
  return {
    reason: "seccompProfile",
    detail: `${who} must not set securityContext.seccompProfile.type to ${quoted(types)}`,
  };
}

function badType(context: Context): string | undefined {
  if (context?.seccompProfile === undefined) return undefined;
  const { type = "" } = context.seccompProfile;
  return type === "RuntimeDefault" || type === "Localhost" ? undefined : type;
}
