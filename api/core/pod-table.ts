import type { Container, ContainerStateTerminated, ContainerStatus, Pod } from "../generated/types/core-v1.ts";
import type { DeepReadonly } from "../machinery/object.ts";
import { age } from "../machinery/printing/age.ts";
import { ageColumn, nameColumn } from "../machinery/printing/columns.ts";
import { orNone } from "../machinery/printing/cells.ts";
import type { Cell, PrintContext, TableDefinition } from "../resource.ts";

export const podTable: TableDefinition<Pod> = {
  columns: [
    nameColumn,
    { name: "Ready", type: "string", description: "How many containers are ready, of how many." },
    { name: "Status", type: "string", description: "What the pod as a whole is doing." },
    {
      name: "Restarts",
      type: "string",
      description: "How often containers were restarted, and when the last time was.",
    },
    ageColumn,
    { name: "IP", type: "string", priority: 1, description: "Primary address of the pod." },
    { name: "Node", type: "string", priority: 1, description: "Node that the pod is bound to." },
    {
      name: "Nominated Node",
      type: "string",
      priority: 1,
      description: "Node that preemption is making room on for the pod.",
    },
    {
      name: "Readiness Gates",
      type: "string",
      priority: 1,
      description: "How many readiness gates are true, of how many.",
    },
  ],
  cells: podCells,
};

type ReadonlyPod = DeepReadonly<Pod>;
type Statuses = readonly DeepReadonly<ContainerStatus>[];

/** What the walk over the containers has found so far. */
interface Summary {
  reason: string;
  ready: number;
  restarts: number;
  /** RFC 3339 in UTC with seconds: sorts as text. */
  lastRestart: string;
}

function podCells(pod: ReadonlyPod, { now }: PrintContext): readonly Cell[] {
  const sidecars = new Set((pod.spec?.initContainers ?? []).filter(isSidecar).map(({ name }) => name));
  const summary: Summary = { reason: initialReason(pod), ready: 0, restarts: 0, lastRestart: "" };
  const initializing = overInitContainers(pod, sidecars, summary);
  if (!initializing || hasCondition(pod, "Initialized")) {
    // The restarts of plain init containers count only until they are done.
    const { restarts, lastRestart } = restartsOf(
      (pod.status?.initContainerStatuses ?? []).filter(({ name }) => sidecars.has(name)),
    );
    Object.assign(summary, { restarts, lastRestart });
    overContainers(pod, summary);
  }
  const total = (pod.spec?.containers?.length ?? 0) + sidecars.size;
  const ago = summary.restarts > 0 && summary.lastRestart !== "" ? ` (${age(summary.lastRestart, now)} ago)` : "";
  return [
    pod.metadata?.name ?? "",
    `${summary.ready}/${total}`,
    deletionReason(pod) ?? summary.reason,
    `${summary.restarts}${ago}`,
    age(pod.metadata?.creationTimestamp, now),
    orNone(pod.status?.podIPs?.[0]?.ip ?? pod.status?.podIP),
    orNone(pod.spec?.nodeName),
    orNone(pod.status?.nominatedNodeName),
    readinessGates(pod),
  ];
}

function isSidecar(container: DeepReadonly<Container>): boolean {
  return container.restartPolicy === "Always";
}

function hasCondition(pod: ReadonlyPod, type: string): boolean {
  return (pod.status?.conditions ?? []).some((condition) => condition.type === type && condition.status === "True");
}

function initialReason(pod: ReadonlyPod): string {
  const gated = (pod.status?.conditions ?? []).some(
    ({ type, reason }) => type === "PodScheduled" && reason === "SchedulingGated",
  );
  return gated ? "SchedulingGated" : pod.status?.reason || pod.status?.phase || "";
}

function deletionReason(pod: ReadonlyPod): string | undefined {
  if (!pod.metadata?.deletionTimestamp) return undefined;
  if (pod.status?.reason === "NodeLost") return "Unknown";
  return pod.status?.phase === "Succeeded" || pod.status?.phase === "Failed" ? undefined : "Terminating";
}

function restartsOf(statuses: Statuses): { restarts: number; lastRestart: string } {
  const ends = statuses.map(({ lastState }) => lastState?.terminated?.finishedAt ?? "");
  return {
    restarts: statuses.reduce((sum, { restartCount }) => sum + (restartCount ?? 0), 0),
    lastRestart: ends.reduce((latest, end) => (end > latest ? end : latest), ""),
  };
}

/** True when an init container still keeps the pod from starting; the reason then says which and why. */
function overInitContainers(pod: ReadonlyPod, sidecars: ReadonlySet<string>, summary: Summary): boolean {
  const statuses = pod.status?.initContainerStatuses ?? [];
  for (const [index, { name, state, started, ready }] of statuses.entries()) {
    Object.assign(summary, restartsOf(statuses.slice(0, index + 1)));
    if (state?.terminated?.exitCode === 0) continue;
    if (sidecars.has(name) && started === true) {
      if (ready) summary.ready++;
      continue;
    }
    const waiting = state?.waiting?.reason;
    if (state?.terminated !== undefined) summary.reason = `Init:${terminationReason(state.terminated)}`;
    else if (waiting && waiting !== "PodInitializing") summary.reason = `Init:${waiting}`;
    else summary.reason = `Init:${index}/${pod.spec?.initContainers?.length ?? 0}`;
    return true;
  }
  return false;
}

/** The first container that has something to say gives the reason: the walk goes backwards, so it comes last. */
function overContainers(pod: ReadonlyPod, summary: Summary): void {
  const statuses = pod.status?.containerStatuses ?? [];
  let running = false;
  for (const { state, ready } of statuses.toReversed()) {
    if (state?.waiting?.reason) summary.reason = state.waiting.reason;
    else if (state?.terminated !== undefined) summary.reason = terminationReason(state.terminated);
    else if (ready && state?.running !== undefined) {
      running = true;
      summary.ready++;
    }
  }
  const { restarts, lastRestart } = restartsOf(statuses);
  summary.restarts += restarts;
  if (lastRestart > summary.lastRestart) summary.lastRestart = lastRestart;
  if (summary.reason === "Completed" && running) summary.reason = hasCondition(pod, "Ready") ? "Running" : "NotReady";
}

function terminationReason({ reason, signal, exitCode }: DeepReadonly<ContainerStateTerminated>): string {
  if (reason) return reason;
  return signal ? `Signal:${signal}` : `ExitCode:${exitCode}`;
}

function readinessGates(pod: ReadonlyPod): string {
  const gates = pod.spec?.readinessGates ?? [];
  if (gates.length === 0) return "<none>";
  return `${gates.filter(({ conditionType }) => hasCondition(pod, conditionType)).length}/${gates.length}`;
}
