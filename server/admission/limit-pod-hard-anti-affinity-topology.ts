import { forbidNamed } from "./forbid.ts";
import type { AdmissionPlugin } from "./plugin.ts";
import { writtenPod } from "./written.ts";

const hostname = "kubernetes.io/hostname";

/**
 * A pod may keep others off its node, not off its whole zone.
 * https://kubernetes.io/docs/reference/access-authn-authz/admission-controllers/#limitpodhardantiaffinitytopology
 */
export function limitPodHardAntiAffinityTopology(): AdmissionPlugin {
  return {
    name: "LimitPodHardAntiAffinityTopology",
    validate(request) {
      const terms =
        writtenPod(request)?.spec?.affinity?.podAntiAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? [];
      const other = terms.find(({ topologyKey }) => topologyKey !== hostname);
      if (other === undefined) return;
      throw forbidNamed(
        request,
        `affinity.PodAntiAffinity.RequiredDuringScheduling has TopologyKey ${other.topologyKey} but only key ${hostname} is allowed`,
      );
    },
  };
}
