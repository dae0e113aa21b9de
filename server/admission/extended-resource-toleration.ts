import { isExtended } from "../../api/core/resource-names.ts";
import type { AdmissionPlugin } from "./plugin.ts";
import { setToleration } from "./tolerations.ts";
import { writtenPod } from "./written.ts";

/**
 * Pods that ask for a device may run on the nodes that are kept for pods that do: those are tainted with its name.
 * https://kubernetes.io/docs/reference/access-authn-authz/admission-controllers/#extendedresourcetoleration
 */
export function extendedResourceToleration(): AdmissionPlugin {
  return {
    name: "ExtendedResourceToleration",
    mutate(request) {
      const spec = writtenPod(request)?.spec;
      if (spec === undefined) return "unchanged";
      const containers = [...(spec.containers ?? []), ...(spec.initContainers ?? [])];
      const requested = containers.flatMap(({ resources }) => Object.keys(resources?.requests ?? {}));
      const extended = [...new Set(requested.filter((name) => isExtended(name)))].sort();
      for (const key of extended) setToleration(spec, { key, operator: "Exists", effect: "NoSchedule" });
      return extended.length === 0 ? "unchanged" : "changed";
    },
  };
}
