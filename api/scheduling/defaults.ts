/** Defaults of the scheduling group. */
import type { DefaultRules } from "../schema/default.ts";

export const schedulingDefaults: DefaultRules = {
  "io.k8s.api.scheduling.v1.PriorityClass": (object, set) =>
    set.ifUnset(object, "preemptionPolicy", "PreemptLowerPriority"),
};
