import type { ContainerStatus, PodCondition, PodSpec } from "../../../api/generated/types/core-v1.ts";
import type { DeepReadonly } from "../../../api/machinery/object.ts";
import { formatTime } from "../../../api/machinery/time.ts";
import { isSidecar, type Observed } from "../observed.ts";
import type { Phase } from "./phase.ts";

type Condition = DeepReadonly<PodCondition>;
/** What a condition says, without when it came to be. */
type Finding = Pick<PodCondition, "type" | "status" | "reason" | "message">;

/** Conditions that the kubelet owns; it leaves all others as they are. */
const owned: ReadonlySet<string> = new Set([
  ...["PodReadyToStartContainers", "Initialized", "Ready", "ContainersReady", "PodScheduled"],
  ...["PodResizePending", "PodResizeInProgress"],
]);

export interface ConditionParts {
  readonly spec: DeepReadonly<PodSpec>;
  readonly generation: number | undefined;
  readonly observed: Observed;
  readonly phase: Phase;
  readonly statuses: ReadonlyMap<string, DeepReadonly<ContainerStatus>>;
  readonly before: readonly Condition[];
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/** Others' conditions first, then those of the kubelet. https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#pod-conditions */
export function podConditions(parts: ConditionParts): readonly Condition[] {
  const { observed, before, generation, now } = parts;
  const others = othersConditions(before);
  const containersReady = containersReadyFinding(parts);
  const findings: Finding[] = [
    ...(observed.resize === undefined ? [] : [{ status: "True", ...observed.resize }]),
    { type: "PodReadyToStartContainers", status: observed.sandbox === "ready" ? "True" : "False" },
    initializedFinding(parts),
    readyFinding(containersReady, parts.spec, others),
    containersReady,
    { type: "PodScheduled", status: "True" },
  ];
  return [...others, ...findings.map((finding) => dated(finding, { before, generation, now }))];
}

export function othersConditions(before: readonly Condition[]): readonly Condition[] {
  return before.filter(({ type }) => !owned.has(type));
}

function dated(
  finding: Finding,
  { before, generation, now }: Pick<ConditionParts, "before" | "generation" | "now">,
): Condition {
  const old = before.find(({ type }) => type === finding.type);
  const lastTransitionTime =
    old?.status === finding.status && old.lastTransitionTime ? old.lastTransitionTime : formatTime(now);
  const { type, status, reason, message } = finding;
  return {
    type,
    ...(generation === undefined ? {} : { observedGeneration: generation }),
    status,
    lastProbeTime: null,
    lastTransitionTime,
    ...(reason === undefined ? {} : { reason }),
    ...(message === undefined ? {} : { message }),
  };
}

function containersReadyFinding({ spec, statuses, phase }: ConditionParts): Finding {
  const type = "ContainersReady";
  if (phase === "Succeeded") return { type, status: "False", reason: "PodCompleted" };
  if (phase === "Failed") return { type, status: "False", reason: "PodFailed" };
  const unready = [...(spec.initContainers ?? []).filter(isSidecar), ...(spec.containers ?? [])]
    .filter(({ name }) => statuses.get(name)?.ready !== true)
    .map(({ name }) => name);
  if (unready.length === 0) return { type, status: "True" };
  return {
    type,
    status: "False",
    reason: "ContainersNotReady",
    message: `containers with unready status: [${unready.join(" ")}]`,
  };
}

/** The containers, and whatever else the pod's readiness gates name. */
function readyFinding(containersReady: Finding, spec: DeepReadonly<PodSpec>, others: readonly Condition[]): Finding {
  if (containersReady.status !== "True") return { ...containersReady, type: "Ready" };
  const problems = (spec.readinessGates ?? []).flatMap(({ conditionType }) => {
    const gate = others.find(({ type }) => type === conditionType);
    const quoted = JSON.stringify(conditionType);
    if (gate === undefined) return [`corresponding condition of pod readiness gate ${quoted} does not exist.`];
    if (gate.status === "True") return [];
    return [`the status of pod readiness gate ${quoted} is not "True", but ${gate.status}`];
  });
  if (problems.length === 0) return { type: "Ready", status: "True" };
  return { type: "Ready", status: "False", reason: "ReadinessGatesNotReady", message: problems.join(", ") };
}

/** Once a main container has started the pod stays initialized, also while sidecars start anew. */
function initializedFinding({ spec, statuses, phase }: ConditionParts): Finding {
  const type = "Initialized";
  if (phase === "Succeeded") return { type, status: "True", reason: "PodCompleted" };
  const hasStarted = (spec.containers ?? []).some(({ name }) => {
    const { state } = statuses.get(name) ?? {};
    return state?.running !== undefined || state?.terminated !== undefined;
  });
  if (hasStarted) return { type, status: "True" };
  const incomplete = (spec.initContainers ?? [])
    .filter((container) => {
      const status = statuses.get(container.name);
      return isSidecar(container) ? status?.started !== true : status?.ready !== true;
    })
    .map(({ name }) => name);
  if (incomplete.length === 0) return { type, status: "True" };
  const message = `containers with incomplete status: [${incomplete.join(" ")}]`;
  return { type, status: "False", reason: "ContainersNotInitialized", message };
}
