import type { Node, NodeCondition } from "../../api/generated/types/core-v1.ts";
import type { DeepReadonly } from "../../api/machinery/object.ts";
import { formatTime, timeMillis } from "../../api/machinery/time.ts";

type AnyNode = DeepReadonly<Node>;
type Condition = DeepReadonly<NodeCondition>;

/** A node that has never told its status has so long for it, in milliseconds. */
const startupGraceMs = 60_000;

/** The last that is known of a node's signs of life. */
export interface Health {
  /** When one was last seen, in observed time. What the node's own clock says does not count. */
  readonly seenAt: number;
  /** The heartbeat of its Ready condition; undefined while it has none. */
  readonly heartbeat: string | undefined;
  /** Of its Lease. */
  readonly renewTime: string | undefined;
}

export interface Seen {
  readonly node: AnyNode;
  readonly renewTime: string | undefined;
  /** Observed time and the clock's, in milliseconds. */
  readonly observed: number;
  readonly now: number;
}

/** A heartbeat in the status or a renewed Lease is a sign of life; so is whatever is seen first. */
export function observe(before: Health | undefined, { node, renewTime, observed, now }: Seen): Health {
  const ready = readyOf(node);
  const heartbeat = ready === undefined ? undefined : (ready.lastHeartbeatTime ?? "");
  const isFresh = (heartbeat !== undefined && heartbeat !== before?.heartbeat) || isLater(renewTime, before?.renewTime);
  if (before !== undefined && !isFresh && heartbeat === before.heartbeat) return before;
  const since = before?.seenAt ?? observed - ageOf(node, now);
  return { seenAt: isFresh ? observed : since, heartbeat, renewTime: isFresh ? renewTime : before?.renewTime };
}

/** Whether nothing has been heard of it for too long. */
export function isSilent({ seenAt, heartbeat }: Health, observed: number, graceMs: number): boolean {
  return observed > seenAt + (heartbeat === undefined ? startupGraceMs : graceMs);
}

/** What is the kubelet's to say, and is not known of a silent node; the network is the control plane's. */
const kubelets = ["Ready", "MemoryPressure", "DiskPressure", "PIDPressure"];

/** The conditions of a silent node; undefined where its Ready condition says so already. `now` in milliseconds. */
export function silentConditions(node: AnyNode, now: number): readonly Condition[] | undefined {
  if (readyOf(node)?.status === "Unknown") return undefined;
  const lastTransitionTime = formatTime(now);
  const conditions = node.status?.conditions ?? [];
  const changed = conditions.map((condition) =>
    !kubelets.includes(condition.type) || condition.status === "Unknown"
      ? condition
      : { ...condition, ...stopped, lastTransitionTime },
  );
  const lastHeartbeatTime = node.metadata?.creationTimestamp ?? lastTransitionTime;
  const missing = kubelets.filter((type) => !conditions.some((condition) => condition.type === type));
  return [...changed, ...missing.map((type) => ({ type, ...neverUpdated, lastHeartbeatTime, lastTransitionTime }))];
}

const stopped = {
  status: "Unknown",
  reason: "NodeStatusUnknown",
  message: "Kubelet stopped posting node status.",
} as const;

const neverUpdated = {
  status: "Unknown",
  reason: "NodeStatusNeverUpdated",
  message: "Kubelet never posted node status.",
} as const;

/** Times in the API's text sort as they follow one another. */
function isLater(time: string | undefined, before: string | undefined): boolean {
  return time !== undefined && (before === undefined || before < time);
}

function readyOf({ status }: AnyNode): Condition | undefined {
  return status?.conditions?.find(({ type }) => type === "Ready");
}

function ageOf({ metadata }: AnyNode, now: number): number {
  return Math.max(now - (timeMillis(metadata?.creationTimestamp) ?? now), 0);
}
