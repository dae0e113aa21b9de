/** Defaults of the discovery group. */
import type { DefaultRules } from "../schema/default.ts";

export const discoveryDefaults: DefaultRules = {
  "io.k8s.api.discovery.v1.EndpointPort": (port, set) => {
    set.ifUnset(port, "name", "");
    set.ifUnset(port, "protocol", "TCP");
  },
};
