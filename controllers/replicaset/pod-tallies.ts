import { isPodReady, isPodTerminal, isPodTerminating } from "../../api/core/pod-state.ts";
import type { Pod } from "../../api/generated/types/core-v1.ts";
import { type Labels, matches, type Selector } from "../../api/machinery/labels.ts";
import type { DeepReadonly, KubeObject } from "../../api/machinery/object.ts";
import { controllerOf } from "../../api/machinery/owners.ts";
import type { Informer } from "../../client/informer.ts";

/** Of the pods that a set owns. */
export interface PodTally {
  /** Those that it selects, and that have not ended and are not on their way out; of them: */
  readonly replicas: number;
  readonly fullyLabeledReplicas: number;
  readonly readyReplicas: number;
  readonly terminatingReplicas: number;
  /** It does not select them any more: they are to be released. */
  readonly strays: number;
}

export interface TallyQuestion {
  readonly selector: Selector;
  /** Of the template. */
  readonly labels: Labels;
  readonly pods: () => Iterable<DeepReadonly<Pod>>;
}

/** Counts pods as they come and change: a large set need not look at all of them whenever one has changed. */
export interface PodTallies {
  /** `question` is the same as long as the set's generation is. */
  of(set: DeepReadonly<KubeObject>, question: () => TallyQuestion): PodTally;
  forget(set: DeepReadonly<KubeObject>): void;
}

type Counts = { -readonly [Name in keyof PodTally]: number };
type Counted = readonly (keyof PodTally)[];

interface Kept {
  readonly generation: number | undefined;
  readonly standingOf: (pod: DeepReadonly<Pod>) => Counted;
  /** By the pod's UID, what it counts as. */
  readonly standings: Map<string, Counted>;
  readonly counts: Counts;
}

export function createPodTallies(pods: Pick<Informer<Pod>, "on">): PodTallies {
  const bySet = new Map<string, Kept>();
  const tell = (pod: DeepReadonly<Pod>, isGone = false): void => {
    const kept = bySet.get(controllerOf(pod)?.uid ?? "");
    if (kept !== undefined) place(kept, pod, isGone);
  };
  pods.on({
    added: (pod) => tell(pod),
    updated(pod, old) {
      if (controllerOf(old)?.uid !== controllerOf(pod)?.uid) tell(old, true);
      tell(pod);
    },
    deleted: (pod) => tell(pod, true),
  });
  return {
    of({ metadata: { uid = "", generation } = {} }, question) {
      const known = bySet.get(uid);
      if (known !== undefined && known.generation === generation) return known.counts;
      const asked = question();
      const kept: Kept = {
        generation,
        standingOf: (pod) => standingOf(pod, asked),
        standings: new Map(),
        counts: { replicas: 0, fullyLabeledReplicas: 0, readyReplicas: 0, terminatingReplicas: 0, strays: 0 },
      };
      for (const pod of asked.pods()) place(kept, pod, false);
      bySet.set(uid, kept);
      return kept.counts;
    },
    forget: ({ metadata }) => void bySet.delete(metadata?.uid ?? ""),
  };
}

function place({ standings, counts, standingOf: judge }: Kept, pod: DeepReadonly<Pod>, isGone: boolean): void {
  const uid = pod.metadata?.uid ?? "";
  for (const name of standings.get(uid) ?? nothing) counts[name] -= 1;
  if (isGone) {
    standings.delete(uid);
    return;
  }
  const standing = judge(pod);
  standings.set(uid, standing);
  for (const name of standing) counts[name] += 1;
}

const nothing: Counted = [];
const stray: Counted = ["strays"];
const terminating: Counted = ["terminatingReplicas"];
const replica: Counted = ["replicas"];
const ready: Counted = ["replicas", "readyReplicas"];
const labeled: Counted = ["replicas", "fullyLabeledReplicas"];
const labeledAndReady: Counted = ["replicas", "fullyLabeledReplicas", "readyReplicas"];

function standingOf(pod: DeepReadonly<Pod>, { selector, labels }: TallyQuestion): Counted {
  const own = pod.metadata?.labels ?? {};
  if (isPodTerminal(pod)) return nothing;
  const isOut = isPodTerminating(pod);
  if (!matches(selector, own)) return isOut ? nothing : stray;
  if (isOut) return terminating;
  const isLabeled = Object.entries(labels).every(([key, value]) => own[key] === value);
  if (isPodReady(pod)) return isLabeled ? labeledAndReady : ready;
  return isLabeled ? labeled : replica;
}
