import type { Container } from "../../generated/types/core-v1.ts";
import type { DeepReadonly } from "../../machinery/object.ts";
import {
  type Check,
  containersOf,
  distinct,
  namedContainers,
  plural,
  quoted,
  type PodLike,
  type Violation,
} from "./check.ts";

/** A probe of another host makes the kubelet ask in the pod's stead (KEP-4940). */
export const hostProbesAndHostLifecycle: Check = {
  id: "hostProbesAndHostLifecycle",
  level: "baseline",
  revisions: [{ since: 34, find }],
};

const what = "probe or lifecycle host";

function find(pod: PodLike): Violation | undefined {
  const asking = containersOf(pod).filter((container) => hostsOf(container).length > 0);
  if (asking.length === 0) return undefined;
  const names = distinct(asking.map(({ name }) => name));
  const hosts = distinct(asking.flatMap(hostsOf));
  const uses = plural(names.length, "uses", "use");
  return {
    reason: what,
    detail: `${namedContainers(names)} ${uses} ${plural(hosts.length, what)} ${quoted(hosts)}`,
  };
}

function hostsOf({
  livenessProbe,
  readinessProbe,
  startupProbe,
  lifecycle,
}: DeepReadonly<Container>): readonly string[] {
  const handlers = [livenessProbe, readinessProbe, startupProbe, lifecycle?.postStart, lifecycle?.preStop];
  return handlers
    .flatMap((handler) => [handler?.httpGet?.host ?? "", handler?.tcpSocket?.host ?? ""])
    .filter((host) => host !== "");
}
