import {
  type Check,
  containersOf,
  distinct,
  namedContainers,
  namesOf,
  plural,
  type PodLike,
  type Violation,
} from "./check.ts";

export const hostPorts: Check = { id: "hostPorts", level: "baseline", revisions: [{ since: 0, find }] };

function find(pod: PodLike): Violation | undefined {
  const names = namesOf(pod, ({ ports }) => ports?.some(({ hostPort = 0 }) => hostPort !== 0));
  if (names.length === 0) return undefined;
  const used = containersOf(pod).flatMap(({ ports = [] }) => ports.map(({ hostPort = 0 }) => hostPort));
  const taken = distinct(used.filter((port) => port !== 0).map(String));
  const uses = plural(names.length, "uses", "use");
  return {
    reason: "hostPort",
    detail: `${namedContainers(names)} ${uses} ${plural(taken.length, "hostPort")} ${taken.join(", ")}`,
  };
}
