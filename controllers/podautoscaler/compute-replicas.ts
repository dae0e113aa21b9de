import type { HorizontalPodAutoscaler, MetricStatus } from "../../api/generated/types/autoscaling-v2.ts";
import type { DeepReadonly } from "../../api/machinery/object.ts";
import type { Finding } from "./conditions.ts";
import { MetricFailure, textOf } from "./metric-failure.ts";
import { type MetricProposal, proposalOf, type Subject } from "./metric-proposals.ts";
import type { MetricsClient } from "./metrics-client.ts";

export interface Computed {
  /** The most that any metric calls for; undefined where that cannot be told well enough to act. */
  readonly desired?: { readonly replicas: number; readonly metric: string };
  readonly statuses: readonly MetricStatus[];
  readonly finding: Finding;
  /** What went wrong with metrics, of all together. */
  readonly failure?: string;
}

export interface Failed {
  readonly reason: string;
  readonly told: string;
}

type Autoscaler = DeepReadonly<HorizontalPodAutoscaler>;

/** Where a metric fails, the others may make more replicas, but not fewer. `tell`: of each that fails. */
export async function computeReplicas(
  { spec }: Autoscaler,
  subject: Subject,
  { metrics, tell }: { readonly metrics: MetricsClient; readonly tell: (failed: Failed) => void },
): Promise<Computed> {
  const specs = spec?.metrics ?? [];
  const proposals: MetricProposal[] = [];
  const failures: MetricFailure[] = [];
  const statuses: MetricStatus[] = [];
  for (const one of specs) {
    const outcome = await proposalOf(one, subject, metrics).catch(asFailure);
    if (outcome instanceof MetricFailure) {
      failures.push(outcome);
      statuses.push({ type: "" });
      tell(outcome);
    } else {
      proposals.push(outcome);
      statuses.push(outcome.status);
    }
  }
  const most = proposals.reduce<MetricProposal | undefined>(
    (best, one) => (best === undefined || best.replicas === 0 || one.replicas > best.replicas ? one : best),
    undefined,
  );
  const [first] = failures;
  const failure =
    first === undefined
      ? undefined
      : `invalid metrics (${failures.length} invalid out of ${specs.length}), first error is: ${first.message}`;
  if (first !== undefined && (most === undefined || most.replicas < subject.specReplicas))
    return { statuses, finding: unable(first), ...(failure === undefined ? {} : { failure }) };
  const { replicas = 0, metric = "" } = most ?? {};
  const message = `the HPA was able to successfully calculate a replica count from ${metric}`;
  return {
    desired: { replicas, metric },
    statuses,
    finding: { type: "ScalingActive", status: "True", reason: "ValidMetricFound", message },
    ...(failure === undefined ? {} : { failure }),
  };
}

function asFailure(thrown: unknown): MetricFailure {
  if (thrown instanceof MetricFailure) return thrown;
  const text = textOf(thrown);
  return new MetricFailure("FailedGetMetric", text, text);
}

function unable({ reason, told }: Failed): Finding {
  const message = `the HPA was unable to compute the replica count: ${told}`;
  return { type: "ScalingActive", status: "False", reason, message };
}
