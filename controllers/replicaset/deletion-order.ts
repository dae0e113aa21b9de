import type { Pod } from "../../api/generated/types/core-v1.ts";
import { isPodReady, podCondition } from "../../api/core/pod-state.ts";
import type { DeepReadonly } from "../../api/machinery/object.ts";
import { timeMillis } from "../../api/machinery/time.ts";

/** A pod, and how many active pods of the same workload share its node. */
export interface Ranked {
  readonly pod: DeepReadonly<Pod>;
  readonly neighbours: number;
}

/**
 * Which pods go first when there are too many: those that have got least far, that their user calls cheap, that share a
 * node with most others, that serve for the shortest time. `now` in milliseconds.
 * https://kubernetes.io/docs/concepts/workloads/controllers/replicaset/#scaling-a-replicaset
 */
export function deletionOrder(ranked: readonly Ranked[], now: number): DeepReadonly<Pod>[] {
  return ranked
    .map(judgedOf)
    .toSorted((left, right) => compare(left, right, now))
    .map(({ pod }) => pod);
}

/** What counts, in the order in which it does; the smaller one goes first. */
interface Judged {
  readonly pod: DeepReadonly<Pod>;
  readonly first: readonly number[];
  /** Undefined: not ready, or nobody knows since when. */
  readonly readySince: number | undefined;
  readonly last: readonly number[];
  readonly created: number | undefined;
  readonly uid: string;
}

function judgedOf({ pod, neighbours }: Ranked): Judged {
  const { spec, status, metadata } = pod;
  const isReady = isPodReady(pod);
  const [restarts, sidecarRestarts] = restartsOf(pod);
  return {
    pod,
    first: [
      spec?.nodeName === undefined || spec.nodeName === "" ? 0 : 1,
      Math.max(0, phases.indexOf(status?.phase ?? "")),
      isReady ? 1 : 0,
      deletionCostOf(pod),
      -neighbours,
    ],
    readySince: isReady ? timeMillis(podCondition(pod, "Ready")?.lastTransitionTime) : undefined,
    last: [-restarts, -sidecarRestarts],
    created: timeMillis(metadata?.creationTimestamp),
    uid: metadata?.uid ?? "",
  };
}

const phases = ["Pending", "Unknown", "Running"];

function compare(left: Judged, right: Judged, now: number): number {
  const byTime = (one: number | undefined, other: number | undefined): number =>
    one === other ? 0 : compareAges(one, other, now) || (left.uid < right.uid ? -1 : 1);
  return (
    compareLists(left.first, right.first) ||
    byTime(left.readySince, right.readySince) ||
    compareLists(left.last, right.last) ||
    byTime(left.created, right.created)
  );
}

/** The younger one first, by the order of magnitude of its age: so not always the same ones go. */
function compareAges(left: number | undefined, right: number | undefined, now: number): number {
  if (left === undefined || right === undefined) return left === undefined ? -1 : 1;
  return magnitude(now - left) - magnitude(now - right);
}

/** Of nanoseconds, as the halves and doubles of upstream are. */
function magnitude(milliseconds: number): number {
  return milliseconds <= 0 ? -1 : Math.floor(Math.log2(milliseconds * 1e6));
}

/** Of the container that has started most often, and of the sidecar. */
function restartsOf({ spec, status }: DeepReadonly<Pod>): [number, number] {
  const most = (statuses: readonly { readonly restartCount: number }[]): number =>
    Math.max(0, ...statuses.map(({ restartCount }) => restartCount));
  const sidecars = new Set(
    (spec?.initContainers ?? []).filter(({ restartPolicy }) => restartPolicy === "Always").map(({ name }) => name),
  );
  const sidecarStatuses = (status?.initContainerStatuses ?? []).filter(({ name }) => sidecars.has(name));
  return [most(status?.containerStatuses ?? []), most(sidecarStatuses)];
}

const deletionCost = "controller.kubernetes.io/pod-deletion-cost";

/** What is no 32-bit number costs nothing. https://kubernetes.io/docs/concepts/workloads/controllers/replicaset/#pod-deletion-cost */
function deletionCostOf({ metadata }: DeepReadonly<Pod>): number {
  const text = metadata?.annotations?.[deletionCost] ?? "";
  const cost = /^(0|-\d{1,12}|[1-9]\d{0,12})$/.test(text) ? Number(text) : 0;
  return cost >= -0x80000000 && cost <= 0x7fffffff ? cost : 0;
}

function compareLists(left: readonly number[], right: readonly number[]): number {
  for (const [index, value] of left.entries()) {
    const difference = value - (right[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
