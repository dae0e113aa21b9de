/** Defaults of the flowcontrol group. */
import type { DefaultRules } from "../schema/default.ts";

export const flowcontrolDefaults: DefaultRules = {
  "io.k8s.api.flowcontrol.v1.FlowSchemaSpec": (spec, set) => set.ifZero(spec, "matchingPrecedence", 1000),
  "io.k8s.api.flowcontrol.v1.ExemptPriorityLevelConfiguration": (exempt, set) => {
    set.ifUnset(exempt, "nominalConcurrencyShares", 0);
    set.ifUnset(exempt, "lendablePercent", 0);
  },
  "io.k8s.api.flowcontrol.v1.LimitedPriorityLevelConfiguration": (limited, set) => {
    set.ifUnset(limited, "nominalConcurrencyShares", 30);
    set.ifUnset(limited, "lendablePercent", 0);
  },
  "io.k8s.api.flowcontrol.v1.QueuingConfiguration": (queuing, set) => {
    set.ifZero(queuing, "handSize", 8);
    set.ifZero(queuing, "queues", 64);
    set.ifZero(queuing, "queueLengthLimit", 50);
  },
};
