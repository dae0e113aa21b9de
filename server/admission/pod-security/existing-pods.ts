import type { Pod } from "../../../api/generated/types/core-v1.ts";
import { describeReasons, evaluatePod } from "../../../api/core/pod-security/evaluate.ts";
import { formatLevelVersion, type LevelVersion } from "../../../api/core/pod-security/policy.ts";
import type { DeepReadonly } from "../../../api/machinery/object.ts";
import { sliced } from "../../../base/slice.ts";
import { podLike } from "./pod-of.ts";

type ReadonlyPod = DeepReadonly<Pod>;

const mostPods = 3000;

/** What a namespace is told whose new level its pods do not meet. They go on running. */
export async function warnAboutExistingPods(
  namespace: string,
  policy: LevelVersion,
  pods: readonly ReadonlyPod[],
): Promise<readonly string[]> {
  const ordered = oneOfEachController(pods);
  const checked = ordered.slice(0, mostPods);
  const namesByReason = new Map<string, string[]>();
  for await (const { name, reasons } of sliced(checked, (pod) => judge(pod, policy))) {
    if (reasons === "") continue;
    const names = namesByReason.get(reasons);
    if (names === undefined) namesByReason.set(reasons, [name]);
    else names.push(name);
  }
  return [
    ...(checked.length < ordered.length
      ? [
          `new PodSecurity enforce level only checked against the first ${checked.length} of ${ordered.length} existing pods`,
        ]
      : []),
    ...(namesByReason.size > 0
      ? [
          `existing pods in namespace ${JSON.stringify(namespace)} violate the new PodSecurity enforce level "${formatLevelVersion(policy)}"`,
        ]
      : []),
    ...[...namesByReason].map(([reasons, names]) => `${namedPods(names)}: ${reasons}`).sort(),
  ];
}

function judge(pod: ReadonlyPod, policy: LevelVersion): { readonly name: string; readonly reasons: string } {
  return { name: pod.metadata?.name ?? "", reasons: describeReasons(evaluatePod(policy, podLike(pod))) };
}

/** Pods of one controller are alike: one of each goes before all the others. */
function oneOfEachController(pods: readonly ReadonlyPod[]): readonly ReadonlyPod[] {
  const seen = new Set<string>();
  const first: ReadonlyPod[] = [];
  const others: ReadonlyPod[] = [];
  for (const pod of pods) {
    const controller = pod.metadata?.ownerReferences?.find((owner) => owner.controller === true)?.uid;
    if (controller !== undefined && seen.has(controller)) others.push(pod);
    else first.push(pod);
    if (controller !== undefined) seen.add(controller);
  }
  return [...first, ...others];
}

/** `web-1 (and 2 other pods)` */
function namedPods(names: readonly string[]): string {
  const [first = ""] = names.toSorted();
  const more = names.length - 1;
  return more === 0 ? first : `${first} (and ${more} other ${more === 1 ? "pod" : "pods"})`;
}
