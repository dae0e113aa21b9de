import { firstUntolerated, isTolerated } from "../../api/core/tolerations.ts";
import type { Plugin } from "../framework/plugin.ts";
import { normalizeToHighest } from "../framework/score-nodes.ts";
import { unresolvable } from "../framework/status.ts";
import { isSamePod, queueIf } from "./hints.ts";
import { names } from "./names.ts";

const name = names.taintToleration;
const rejected = unresolvable(name, "node(s) had untolerated taint(s)");

/** Keeps pods off nodes whose taints they do not tolerate, and prefers nodes with fewer taints of effect PreferNoSchedule. */
export const taintToleration: Plugin = {
  name,
  events: [
    {
      resource: "Node",
      actions: ["Add", "UpdateNodeTaint"],
      hint({ pod }, before, after) {
        const tolerations = pod.spec?.tolerations ?? [];
        const isBarred = (taints = after?.spec?.taints): boolean =>
          firstUntolerated(taints ?? [], tolerations) !== undefined;
        return queueIf((before === undefined || isBarred(before.spec?.taints ?? [])) && !isBarred());
      },
    },
    {
      resource: "Pod",
      actions: ["UpdatePodToleration"],
      hint: (pod, _, after) => queueIf(isSamePod(pod, after)),
    },
  ],
  preFilter({ pod }) {
    const tolerations = pod.spec?.tolerations ?? [];
    return {
      filter: ({ taints }) =>
        taints.length > 0 && firstUntolerated(taints, tolerations) !== undefined ? rejected : undefined,
    };
  },
  preScore({ pod: { pod } }) {
    const tolerations = (pod.spec?.tolerations ?? []).filter(({ effect }) => !effect || effect === "PreferNoSchedule");
    return {
      score({ taints }) {
        let count = 0;
        for (const taint of taints)
          if (taint.effect === "PreferNoSchedule" && !isTolerated(taint, tolerations)) count++;
        return count;
      },
      normalize: (scores) => normalizeToHighest(scores, true),
    };
  },
};
