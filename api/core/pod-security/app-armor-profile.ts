import type { SecurityContext } from "../../generated/types/core-v1.ts";
import type { DeepReadonly } from "../../machinery/object.ts";
import { type Check, containersOf, distinct, plural, quoted, setters, type PodLike, type Violation } from "./check.ts";

/** The runtime's AppArmor profile may be replaced by one of the node's, but not switched off. */
export const appArmorProfile: Check = { id: "appArmorProfile", level: "baseline", revisions: [{ since: 0, find }] };

/** The form before v1.30, by container. */
const annotationPrefix = "container.apparmor.security.beta.kubernetes.io/";

function find(pod: PodLike): Violation | undefined {
  const isPod = isBad(pod.spec.securityContext);
  const containers = containersOf(pod).filter(({ securityContext }) => isBad(securityContext));
  const annotations = badAnnotations(pod);
  const contexts = [...(isPod ? [pod.spec.securityContext] : []), ...containers.map((one) => one.securityContext)];
  const types = distinct(contexts.map((context) => context?.appArmorProfile?.type ?? ""));
  const values = [...types, ...annotations];
  if (values.length === 0) return undefined;
  const who = [
    setters(
      isPod,
      containers.map(({ name }) => name),
    ),
    annotations.length === 0 ? "" : plural(annotations.length, "annotation"),
  ];
  return {
    reason: plural(values.length, "forbidden AppArmor profile"),
    detail: `${who.filter((text) => text !== "").join(" and ")} must not set AppArmor profile type to ${quoted(values)}`,
  };
}

function isBad(context: Pick<DeepReadonly<SecurityContext>, "appArmorProfile"> | undefined): boolean {
  const type = context?.appArmorProfile?.type;
  return context?.appArmorProfile !== undefined && type !== "RuntimeDefault" && type !== "Localhost";
}

function badAnnotations({ metadata }: PodLike): string[] {
  return Object.entries(metadata.annotations ?? {})
    .filter(([key, value]) => key.startsWith(annotationPrefix) && !isAllowed(value))
    .map(([key, value]) => `${key}=${JSON.stringify(value)}`)
    .sort();
}

function isAllowed(profile: string): boolean {
  return profile === "" || profile === "runtime/default" || profile.startsWith("localhost/");
}
