/** Pods that nobody else cleans up. https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#pod-garbage-collection */
import type { Node, Pod } from "../../api/generated/types/core-v1.ts";
import { isPodTerminating } from "../../api/core/pod-state.ts";
import type { DeepReadonly } from "../../api/machinery/object.ts";
import { timeMillis } from "../../api/machinery/time.ts";

type AnyPod = DeepReadonly<Pod>;

export interface Observed {
  readonly pods: readonly AnyPod[];
  readonly node: (name: string) => DeepReadonly<Node> | undefined;
  /** Of these it is known for sure that they are no more. */
  readonly goneNodes: ReadonlySet<string>;
  /** So many pods may have ended; 0: any number. */
  readonly terminatedPodThreshold: number;
}

export interface Removal {
  readonly pod: AnyPod;
  /** Its node is no more: it did not end by its own fault. */
  readonly isOrphan: boolean;
}

export function plan(observed: Observed): readonly Removal[] {
  const ended = excessOf(observed).map((pod) => ({ pod, isOrphan: false }));
  const others = observed.pods.flatMap((pod): Removal[] => {
    const nodeName = pod.spec?.nodeName ?? "";
    if (observed.goneNodes.has(nodeName)) return [{ pod, isOrphan: true }];
    if (!isPodTerminating(pod)) return [];
    const isHelpless = nodeName === "" || isOutOfService(observed.node(nodeName));
    return isHelpless ? [{ pod, isOrphan: false }] : [];
  });
  const once = new Set(others.map(({ pod }) => pod));
  return [...ended.filter(({ pod }) => !once.has(pod)), ...others];
}

/** The oldest of those that have ended, as far as there are too many; first of all those that were evicted. */
function excessOf({ pods, terminatedPodThreshold }: Observed): AnyPod[] {
  if (terminatedPodThreshold <= 0) return [];
  const ended = pods.filter(hasEnded);
  const excess = ended.length - terminatedPodThreshold;
  if (excess <= 0) return [];
  return ended
    .map((pod) => ({ pod, isEvicted: isEvicted(pod), made: timeMillis(pod.metadata?.creationTimestamp) ?? 0 }))
    .toSorted(
      (left, right) =>
        Number(right.isEvicted) - Number(left.isEvicted) ||
        left.made - right.made ||
        ((left.pod.metadata?.name ?? "") < (right.pod.metadata?.name ?? "") ? -1 : 1),
    )
    .slice(0, excess)
    .map(({ pod }) => pod);
}

const living: ReadonlySet<string | undefined> = new Set(["Pending", "Running", "Unknown"]);
const hasEnded = ({ status }: AnyPod): boolean => !living.has(status?.phase);
const isEvicted = ({ status }: AnyPod): boolean => status?.phase === "Failed" && status.reason === "Evicted";

/** Its user says that the node is off for good: https://kubernetes.io/docs/concepts/cluster-administration/node-shutdown/#non-graceful-node-shutdown */
function isOutOfService(node: DeepReadonly<Node> | undefined): boolean {
  if (node === undefined) return false;
  const isReady = node.status?.conditions?.some(({ type, status }) => type === "Ready" && status === "True") === true;
  return !isReady && node.spec?.taints?.some(({ key }) => key === "node.kubernetes.io/out-of-service") === true;
}
