import type { Transport, UserInfo } from "../api/wire.ts";
import type { Activity } from "../base/activity.ts";
import type { Clock } from "../base/clock.ts";
import type { Logger } from "../base/log.ts";
import type { Random } from "../base/random.ts";
import type { Turns } from "../base/turns.ts";
import type { EventRecorder } from "../client/event-recorder.ts";

/** What agents are given of the process that they run in. */
export interface AgentDeps {
  /** Requests as a user: each node has its own. */
  readonly as: (user: UserInfo) => Transport;
  /** Shared by all nodes of the process. */
  readonly events: EventRecorder;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  readonly activity: Activity;
  readonly turns: Turns;
}

export const userAgent = "kubelet/v1.36";

/** https://kubernetes.io/docs/reference/access-authn-authz/node/ */
export function nodeUser(nodeName: string): UserInfo {
  return { name: `system:node:${nodeName}`, groups: ["system:nodes", "system:authenticated"] };
}
