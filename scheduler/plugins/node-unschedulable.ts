import { isTolerated } from "../../api/core/tolerations.ts";
import type { Taint } from "../../api/generated/types/core-v1.ts";
import type { Plugin } from "../framework/plugin.ts";
import { skip, unresolvable } from "../framework/status.ts";
import { isSamePod, queueIf } from "./hints.ts";
import { names } from "./names.ts";

const name = names.nodeUnschedulable;
const rejected = unresolvable(name, "node(s) were unschedulable");
const taint: Taint = { key: "node.kubernetes.io/unschedulable", effect: "NoSchedule" };

/** Keeps pods off nodes that are cordoned, unless they tolerate the taint that stands for it. */
export const nodeUnschedulable: Plugin = {
  name,
  events: [
    {
      resource: "Node",
      actions: ["Add", "UpdateNodeTaint"],
      hint: (_, before, after) =>
        queueIf(after?.spec?.unschedulable !== true && (before === undefined || before.spec?.unschedulable === true)),
    },
    {
      resource: "Pod",
      actions: ["UpdatePodToleration"],
      hint: (pod, _, after) => queueIf(isSamePod(pod, after) && isTolerated(taint, after?.spec?.tolerations ?? [])),
    },
  ],
  preFilter({ pod }) {
    if (isTolerated(taint, pod.spec?.tolerations ?? [])) return skip;
    return { filter: ({ isUnschedulable }) => (isUnschedulable ? rejected : undefined) };
  },
};
