import type {
  HorizontalPodAutoscaler,
  HorizontalPodAutoscalerStatus,
  MetricStatus,
} from "../../api/generated/types/autoscaling-v2.ts";
import { semanticEqual } from "../../api/machinery/equal.ts";
import type { DeepReadonly } from "../../api/machinery/object.ts";
import { horizontalPodAutoscalers } from "../../client/resource-types.ts";
import type { ControllerDeps } from "../controller.ts";
import { type Finding, withFindings } from "./conditions.ts";
import { textOf } from "./metric-failure.ts";

/** What is known of the target after a round; nothing where not even its scale could be had. */
export interface Outcome {
  readonly currentReplicas?: number;
  readonly desiredReplicas?: number;
  readonly statuses?: readonly MetricStatus[];
  readonly lastScaleTime?: string;
}

/** Gathers what a round finds, and writes the status at its end. */
export interface Report {
  find(...findings: readonly Finding[]): void;
  write(outcome: Outcome): Promise<void>;
}

export function createReport(
  autoscaler: DeepReadonly<HorizontalPodAutoscaler>,
  deps: Pick<ControllerDeps, "client" | "events" | "clock">,
): Report {
  const before: DeepReadonly<HorizontalPodAutoscalerStatus> = autoscaler.status ?? { desiredReplicas: 0 };
  let conditions = before.conditions ?? [];
  return {
    find(...findings) {
      conditions = withFindings(conditions, findings, deps.clock.now());
    },
    async write({
      currentReplicas,
      desiredReplicas = before.desiredReplicas,
      statuses,
      lastScaleTime = before.lastScaleTime,
    }) {
      // Where not even the scale is known, what was known of it stays.
      const counted =
        currentReplicas === undefined
          ? before
          : {
              ...(lastScaleTime === undefined ? {} : { lastScaleTime }),
              ...(currentReplicas === 0 ? {} : { currentReplicas }),
              desiredReplicas,
              currentMetrics: statuses ?? [],
            };
      const status = { ...counted, desiredReplicas, conditions };
      if (semanticEqual(status, before)) return;
      try {
        await deps.client.update(horizontalPodAutoscalers, { ...autoscaler, status }, "status");
      } catch (thrown) {
        deps.events.event(autoscaler, { type: "Warning", reason: "FailedUpdateStatus", message: textOf(thrown) });
        throw thrown;
      }
    },
  };
}
