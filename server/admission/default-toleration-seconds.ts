import type { AdmissionPlugin } from "./plugin.ts";
import { setToleration } from "./tolerations.ts";
import { writtenPod } from "./written.ts";

/** Seconds that a pod stays on a node that is in trouble; `--default-…-toleration-seconds`. */
export interface TolerationSeconds {
  readonly notReady: number;
  readonly unreachable: number;
}

/**
 * A pod that does not say so itself leaves a node that is not ready or unreachable after five minutes.
 * https://kubernetes.io/docs/reference/access-authn-authz/admission-controllers/#defaulttolerationseconds
 */
export function defaultTolerationSeconds({
  notReady = 300,
  unreachable = 300,
}: Partial<TolerationSeconds> = {}): AdmissionPlugin {
  const defaults = [
    { key: "node.kubernetes.io/not-ready", tolerationSeconds: notReady },
    { key: "node.kubernetes.io/unreachable", tolerationSeconds: unreachable },
  ];
  return {
    name: "DefaultTolerationSeconds",
    mutate(request) {
      const spec = writtenPod(request)?.spec;
      if (spec === undefined) return "unchanged";
      const given = spec.tolerations ?? [];
      const missing = defaults.filter(
        ({ key }) => !given.some((one) => (one.key === key || !one.key) && (one.effect === "NoExecute" || !one.effect)),
      );
      for (const { key, tolerationSeconds } of missing)
        setToleration(spec, { key, operator: "Exists", effect: "NoExecute", tolerationSeconds });
      return missing.length === 0 ? "unchanged" : "changed";
    },
  };
}
