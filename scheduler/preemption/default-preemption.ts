import type { PodDisruptionBudget } from "../../api/generated/types/policy-v1.ts";
import type { Clock } from "../../base/clock.ts";
import type { Random } from "../../base/random.ts";
import type { Lister } from "../framework/listers.ts";
import type { NominatedPods, Plugin } from "../framework/plugin.ts";
import { unresolvable } from "../framework/status.ts";
import type { DefaultPreemptionArgs } from "../plugins/args.ts";
import { planPreemption } from "../plugins/default-preemption/plan-preemption.ts";
import { names } from "../plugins/names.ts";
import type { Preemptor } from "./preemptor.ts";

const name = names.defaultPreemption;
const notFinished = unresolvable(name, "waiting for the preemption for this pod to be finished");

export interface DefaultPreemptionDeps {
  readonly budgets: Lister<PodDisruptionBudget>;
  readonly nominated: NominatedPods;
  readonly preemptor: Preemptor;
  readonly clock: Clock;
  readonly random: Random;
}

/** https://kubernetes.io/docs/concepts/scheduling-eviction/pod-priority-preemption/ */
export function createDefaultPreemption(args: DefaultPreemptionArgs, deps: DefaultPreemptionDeps): Plugin {
  const { budgets, nominated, preemptor, clock, random } = deps;
  return {
    name,
    // When to try again is for the plugins that rejected the pod; the event only has it looked at.
    events: [{ resource: "Pod", actions: ["Delete"], hint: () => "QueueSkip" }],
    preEnqueue: ({ uid }) => (preemptor.isBusy(uid) ? notFinished : undefined),
    postFilter(cycle, statuses) {
      const plan = planPreemption(cycle, statuses, {
        args,
        budgets: [...budgets.list()],
        nominated,
        random,
        now: clock.now(),
      });
      if (plan.to === "give up") return Promise.resolve(plan.result);
      preemptor.evict(cycle.pod, plan.candidate);
      return Promise.resolve({ nominatedNodeName: plan.candidate.nodeName, rejected: undefined });
    },
  };
}
