/** Defaults of the apiregistration group. */
import type { DefaultRules } from "../schema/default.ts";

export const apiregistrationDefaults: DefaultRules = {
  "io.k8s.kube-aggregator.pkg.apis.apiregistration.v1.ServiceReference": (service, set) =>
    set.ifUnset(service, "port", 443),
};
