import type { Container, PodSpec } from "../../generated/types/core-v1.ts";
import type { DeepReadonly, ObjectMeta } from "../../machinery/object.ts";

/** A pod, or the template of one. */
export interface PodLike {
  readonly metadata: DeepReadonly<ObjectMeta>;
  readonly spec: DeepReadonly<PodSpec>;
}

export interface Violation {
  /** In few words: `hostPort`. */
  readonly reason: string;
  /** Who and what exactly: `container "a" uses hostPort 80`. */
  readonly detail: string;
}

export interface Revision {
  /** The N of the first policy version v1.N that has it. */
  readonly since: number;
  find(pod: PodLike): Violation | undefined;
  /** Ids of baseline checks that this one contains. */
  readonly overrides?: readonly string[];
}

export interface Check {
  /** Upstream's, by which its documentation and tests name it. */
  readonly id: string;
  readonly level: "baseline" | "restricted";
  /** Oldest first. */
  readonly revisions: readonly Revision[];
}

/** Those that run first come first. */
export function containersOf({ spec }: PodLike): readonly DeepReadonly<Container>[] {
  return [...(spec.initContainers ?? []), ...(spec.containers ?? []), ...(spec.ephemeralContainers ?? [])];
}

export function namesOf(
  pod: PodLike,
  isBad: (container: DeepReadonly<Container>) => boolean | undefined,
): readonly string[] {
  return containersOf(pod)
    .filter((container) => isBad(container) === true)
    .map(({ name }) => name);
}

/** Each once, sorted. */
export function distinct(values: Iterable<string>): readonly string[] {
  return [...new Set(values)].sort();
}

/** `"a", "b"` */
export function quoted(items: readonly string[]): string {
  return items.map((item) => `"${item}"`).join(", ");
}

export function plural(count: number, one: string, many: string = `${one}s`): string {
  return count === 1 ? one : many;
}

/** `containers "a", "b"` */
export function namedContainers(names: readonly string[]): string {
  return `${plural(names.length, "container")} ${quoted(names)}`;
}

/** `pod and container "a"`: who set something; "" when nobody did. */
export function setters(isPod: boolean | undefined, containers: readonly string[]): string {
  return [...(isPod === true ? ["pod"] : []), ...(containers.length > 0 ? [namedContainers(containers)] : [])].join(
    " and ",
  );
}

/** Restricted policy from v1.25 on: Windows has nothing like it, and validation refuses the field there. */
export function exceptOnWindows(find: Revision["find"]): Revision["find"] {
  return (pod) => (pod.spec.os?.name === "windows" ? undefined : find(pod));
}

/** From v1.35 on: root in a user namespace of its own is nobody outside (KEP-127). */
export function exceptInUserNamespace(find: Revision["find"]): Revision["find"] {
  return (pod) => (pod.spec.hostUsers === false ? undefined : find(pod));
}
