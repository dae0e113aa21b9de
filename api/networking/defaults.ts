/** Defaults of the networking group. */
import { isFilled, objectAt } from "../machinery/members.ts";
import type { DefaultRules } from "../schema/default.ts";

export const networkingDefaults: DefaultRules = {
  "io.k8s.api.networking.v1.NetworkPolicy": (object, set) => {
    const spec = set.within(object, "spec");
    set.ifZero(spec, "policyTypes", isFilled(spec["egress"]) ? ["Ingress", "Egress"] : ["Ingress"]);
  },
  "io.k8s.api.networking.v1.NetworkPolicyPort": (port, set) => set.ifUnset(port, "protocol", "TCP"),
  "io.k8s.api.networking.v1.IngressClass": (object, set) => {
    const parameters = objectAt(objectAt(object, "spec"), "parameters");
    if (parameters !== undefined) set.ifUnset(parameters, "scope", "Cluster");
  },
};
