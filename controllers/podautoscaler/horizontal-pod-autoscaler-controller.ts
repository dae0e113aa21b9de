import { horizontalPodAutoscalers, pods as podType } from "../../client/resource-types.ts";
import type { Outcome } from "../../client/reconciler.ts";
import type { Controller } from "../controller.ts";
import { watchSelf } from "../owned.ts";
import { createScaleClient } from "../scale/scale-client.ts";
import { createServedKinds } from "../scale/served-kinds.ts";
import { autoscale } from "./autoscale.ts";
import { createAutoscalerSelectors } from "./autoscaler-selectors.ts";
import type { History } from "./history.ts";
import { createMetricsClient } from "./metrics-client.ts";

/** Milliseconds between two looks at the metrics; the first is as long after an autoscaler was made. */
const period = 15_000;

/** Scales workloads by what they use. https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/ */
export const horizontalPodAutoscalerController: Controller = {
  name: "horizontal-pod-autoscaler-controller",
  serviceAccount: "horizontal-pod-autoscaler",
  component: "horizontal-pod-autoscaler",
  start(deps) {
    const autoscalers = deps.informers.of(horizontalPodAutoscalers);
    const pods = deps.informers.of(podType);
    const histories = new Map<string, History>();
    const selectors = createAutoscalerSelectors();
    const servedKinds = createServedKinds(deps);
    const metrics = createMetricsClient(deps.transport, servedKinds);
    const parts = { pods, metrics, scales: createScaleClient(deps.transport), servedKinds, selectors, histories, deps };
    const reconcile = async (key: string): Promise<Outcome> => {
      const autoscaler = autoscalers.get(key);
      if (autoscaler === undefined) {
        histories.delete(key);
        selectors.forget(key);
        return undefined;
      }
      try {
        await autoscale(autoscaler, parts);
      } catch (thrown) {
        // It has been told, and the next round comes at its time, neither earlier nor later.
        deps.log.info("an autoscaler has failed", { key, error: String(thrown) });
      }
      return { after: period };
    };
    const reconciler = deps.reconciler({ reconcile });
    watchSelf(autoscalers, (key) => reconciler.addAfter(key, period));
  },
};
