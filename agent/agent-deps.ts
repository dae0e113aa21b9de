import type { Transport, UserInfo } from "../api/wire.ts";
import type { Activity } from "../base/activity.ts";
import type { Clock } from "../base/clock.ts";
import type { Logger } from "../base/log.ts";
import type { Random } from "../base/random.ts";
import type { Turns } from "../base/turns.ts";
import { createEventRecorder } from "../client/events/create-event-recorder.ts";
import type { Scope } from "../base/scope.ts";
import type { KubeletDeps } from "./kubelet/kubelet.ts";
import type { NodeRecorder } from "./kubelet/node-recorder.ts";
import type { PodWorkers } from "./kubelet/pod-workers.ts";

/** What agents are given of the process that they run in. */
export interface AgentDeps {
  /** Requests as a user: each node has its own. */
  readonly as: (user: UserInfo) => Transport;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  readonly activity: Activity;
  readonly turns: Turns;
  /** Who writes the events of a node, in place of a recorder that writes them to the API as the node. */
  readonly recorderOf?: (nodeName: string) => NodeRecorder;
}

const userAgent = "kubelet/v1.36";

/** What the kubelet of one node is given; what it writes events with ends with `scope`. */
export function kubeletDeps(
  nodeName: string,
  {
    deps,
    workers,
    scope,
    hasEvents,
  }: {
    readonly deps: AgentDeps;
    readonly workers: PodWorkers;
    readonly scope: Scope;
    readonly hasEvents: boolean;
  },
): KubeletDeps {
  const transport = deps.as(nodeUser(nodeName));
  const recorder = (): NodeRecorder =>
    deps.recorderOf?.(nodeName) ??
    scope.use(
      createEventRecorder({ ...deps, transport, userAgent, component: "kubelet", instance: nodeName, api: "v1" }),
    );
  return { ...deps, transport, userAgent, workers, events: hasEvents ? recorder() : undefined };
}

/** https://kubernetes.io/docs/reference/access-authn-authz/node/ */
function nodeUser(nodeName: string): UserInfo {
  return { name: `system:node:${nodeName}`, groups: ["system:nodes", "system:authenticated"] };
}
