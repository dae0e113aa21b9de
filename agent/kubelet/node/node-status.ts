import type { NodeCondition, NodeStatus } from "../../../api/generated/types/core-v1.ts";
import { deepEqual } from "../../../api/machinery/equal.ts";
import type { DeepReadonly } from "../../../api/machinery/object.ts";
import { formatTime } from "../../../api/machinery/time.ts";
import type { RuntimeImage } from "../../runtime/runtime.ts";
import { declaredFeatures, type Machine } from "./machine.ts";

type Status = DeepReadonly<NodeStatus>;
type Condition = DeepReadonly<NodeCondition>;

/** As many images as a node tells of. */
const mostImages = 50;

/** In upstream's order: Ready is the last. */
const healthy: readonly Pick<NodeCondition, "type" | "status" | "reason" | "message">[] = [
  {
    ...{ type: "MemoryPressure", status: "False", reason: "KubeletHasSufficientMemory" },
    message: "kubelet has sufficient memory available",
  },
  {
    type: "DiskPressure",
    status: "False",
    reason: "KubeletHasNoDiskPressure",
    message: "kubelet has no disk pressure",
  },
  {
    ...{ type: "PIDPressure", status: "False", reason: "KubeletHasSufficientPID" },
    message: "kubelet has sufficient PID available",
  },
  { type: "Ready", status: "True", reason: "KubeletReady", message: "kubelet is posting ready status" },
];

export interface NodeFacts {
  readonly machine: Machine;
  readonly images: readonly RuntimeImage[];
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/** The parts of a Node's status that its kubelet writes. https://kubernetes.io/docs/reference/node/node-status/ */
export function nodeStatus(before: Status | undefined, { machine, images, now }: NodeFacts): Status {
  const { capacity, allocatable, addresses, info, kubeletPort } = machine;
  return {
    capacity,
    allocatable,
    conditions: healthy.map((finding) => dated(finding, before?.conditions ?? [], now)),
    addresses,
    ...(kubeletPort === undefined ? {} : { daemonEndpoints: { kubeletEndpoint: { Port: kubeletPort } } }),
    nodeInfo: info,
    ...(images.length === 0
      ? {}
      : { images: images.slice(0, mostImages).map(({ name, ref, sizeBytes }) => ({ names: [ref, name], sizeBytes })) }),
    declaredFeatures,
  };
}

function dated(
  finding: Pick<NodeCondition, "type" | "status" | "reason" | "message">,
  before: readonly Condition[],
  now: number,
): Condition {
  const old = before.find(({ type }) => type === finding.type);
  const lastTransitionTime =
    old?.status === finding.status && old.lastTransitionTime ? old.lastTransitionTime : formatTime(now);
  return { ...finding, lastHeartbeatTime: formatTime(now), lastTransitionTime };
}

/** Whether the API should be told: more has changed than when it was looked at. Others' conditions are theirs. */
export function hasChanged(before: Status | undefined, after: Status): boolean {
  if (before === undefined) return true;
  for (const [key, value] of Object.entries(after)) {
    if (key === "conditions") continue;
    if (!deepEqual((before as Readonly<Record<string, unknown>>)[key], value)) return true;
  }
  return (after.conditions ?? []).some((condition) => {
    const old = before.conditions?.find(({ type }) => type === condition.type);
    return old === undefined || !deepEqual(withoutHeartbeat(old), withoutHeartbeat(condition));
  });
}

function withoutHeartbeat({ lastHeartbeatTime: _, ...condition }: Condition): Omit<Condition, "lastHeartbeatTime"> {
  return condition;
}
