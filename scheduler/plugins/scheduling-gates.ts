import type { Plugin } from "../framework/plugin.ts";
import { unresolvable } from "../framework/status.ts";
import { names } from "./names.ts";
import { isSamePod, queueIf } from "./hints.ts";

const name = names.schedulingGates;

/** Keeps a pod out of the queue until nothing holds it back. https://kubernetes.io/docs/concepts/scheduling-eviction/pod-scheduling-readiness/ */
export const schedulingGates: Plugin = {
  name,
  events: [
    {
      resource: "Pod",
      actions: ["UpdatePodSchedulingGatesEliminated"],
      hint: (pod, _, after) => queueIf(isSamePod(pod, after)),
    },
  ],
  preEnqueue({ pod }) {
    const gates = (pod.spec?.schedulingGates ?? []).map((gate) => gate.name);
    if (gates.length === 0) return undefined;
    return unresolvable(name, `waiting for scheduling gates: [${gates.join(" ")}]`);
  },
};
