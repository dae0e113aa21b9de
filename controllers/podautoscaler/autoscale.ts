import type { HorizontalPodAutoscaler, MetricStatus } from "../../api/generated/types/autoscaling-v2.ts";
import type { Pod } from "../../api/generated/types/core-v1.ts";
import { matches } from "../../api/machinery/labels.ts";
import type { DeepReadonly } from "../../api/machinery/object.ts";
import { tryQuantity } from "../../api/machinery/quantity.ts";
import { formatTime } from "../../api/machinery/time.ts";
import type { Informer } from "../../client/informer.ts";
import { keyOf } from "../../client/lister.ts";
import type { ControllerDeps } from "../controller.ts";
import type { ScaleClient } from "../scale/scale-client.ts";
import type { ServedKinds } from "../scale/served-kinds.ts";
import { type AutoscalerSelectors, type Selected, SelectorRefusal } from "./autoscaler-selectors.ts";
import { type Computed, computeReplicas } from "./compute-replicas.ts";
import { beginning, type History, recommended, rescaled } from "./history.ts";
import { textOf } from "./metric-failure.ts";
import type { MetricsClient } from "./metrics-client.ts";
import { normalize } from "./normalize.ts";
import type { Tolerances } from "./replicas.ts";
import { createReport, type Report } from "./report.ts";
import { findScale, rescale, type ScaleTarget } from "./scale-target.ts";

export interface AutoscaleParts {
  readonly pods: Informer<Pod>;
  readonly metrics: MetricsClient;
  readonly scales: ScaleClient;
  readonly servedKinds: ServedKinds;
  readonly selectors: AutoscalerSelectors;
  /** By the autoscaler's key. */
  readonly histories: Map<string, History>;
  readonly deps: Pick<ControllerDeps, "client" | "events" | "clock">;
}

type Autoscaler = DeepReadonly<HorizontalPodAutoscaler>;

const defaultTolerance = 0.1;
const settling = { cpuInitializationMs: 300_000, initialReadinessDelayMs: 30_000 };

/** One round: what the metrics call for, within what the autoscaler allows. Throws what went wrong when that is told already. */
export async function autoscale(autoscaler: Autoscaler, parts: AutoscaleParts): Promise<void> {
  const { deps } = parts;
  const { events, clock } = deps;
  const { spec, metadata } = autoscaler;
  if (spec === undefined) return;
  const report = createReport(autoscaler, deps);
  let target: ScaleTarget;
  try {
    target = await findScale(spec.scaleTargetRef, metadata?.namespace, parts);
  } catch (thrown) {
    const why = textOf(thrown);
    events.event(autoscaler, { type: "Warning", reason: "FailedGetScale", message: why });
    const message = `the HPA controller was unable to get the target's current scale: ${why}`;
    report.find({ type: "AbleToScale", status: "False", reason: "FailedGetScale", message });
    await report.write({});
    throw thrown;
  }
  const message = "the HPA controller was able to get the target's current scale";
  report.find({ type: "AbleToScale", status: "True", reason: "SucceededGetScale", message });
  const current = target.scale.spec?.replicas ?? 0;
  const { histories } = parts;
  const key = keyOf(autoscaler);
  if (!histories.has(key)) histories.set(key, beginning(current, clock.now()));
  const decision = await decide(autoscaler, target, { report, parts });
  if (decision === undefined) return;
  const { desired, reason, statuses } = decision;
  if (desired === current) return report.write({ currentReplicas: current, desiredReplicas: current, statuses });
  await act({ autoscaler, target, decision: { desired, reason, statuses } }, { report, parts });
}

interface Decision {
  readonly desired: number;
  readonly reason: string;
  readonly statuses: readonly MetricStatus[];
}

interface Round {
  readonly report: Report;
  readonly parts: AutoscaleParts;
}

/** Undefined where it came to nothing, which is told then. */
async function decide(
  autoscaler: Autoscaler,
  target: ScaleTarget,
  { report, parts }: Round,
): Promise<Decision | undefined> {
  const { minReplicas: min = 1, maxReplicas: max = 1 } = autoscaler.spec ?? {};
  const current = target.scale.spec?.replicas ?? 0;
  if (current === 0) {
    const message = "scaling is disabled since the replica count of the target is zero";
    report.find({ type: "ScalingActive", status: "False", reason: "ScalingDisabled", message });
    return { desired: 0, reason: "", statuses: [] };
  }
  if (current > max) return { desired: max, reason: "Current number of replicas above Spec.MaxReplicas", statuses: [] };
  if (current < min) return { desired: min, reason: "Current number of replicas below Spec.MinReplicas", statuses: [] };
  const computed = await compute(autoscaler, target, { report, parts });
  const { desired: proposed, statuses, failure } = computed;
  if (proposed === undefined) {
    await report.write({ currentReplicas: current, statuses });
    const { events } = parts.deps;
    events.event(autoscaler, { type: "Warning", reason: "FailedComputeMetricsReplicas", message: failure ?? "" });
    return undefined;
  }
  const reason = proposed.replicas > current ? `${proposed.metric} above target` : "All metrics below target";
  return {
    desired: settle(autoscaler, { current, proposed: proposed.replicas, min, max }, { report, parts }),
    reason,
    statuses,
  };
}

interface Sizes {
  readonly current: number;
  readonly proposed: number;
  readonly min: number;
  readonly max: number;
}

function settle(autoscaler: Autoscaler, { current, proposed, min, max }: Sizes, { report, parts }: Round): number {
  const { histories, deps } = parts;
  const now = deps.clock.now();
  const key = keyOf(autoscaler);
  const history = histories.get(key) ?? beginning(current, now);
  const wish = { desired: Math.max(proposed, 0), current, min, max, history, now };
  const { desired, findings } = normalize(wish, autoscaler.spec?.behavior);
  histories.set(key, recommended(history, proposed, now));
  report.find(...findings);
  return desired;
}

async function compute(
  autoscaler: Autoscaler,
  { scale }: ScaleTarget,
  { report, parts }: Round,
): Promise<Omit<Computed, "finding">> {
  const { pods, selectors, deps } = parts;
  const namespace = autoscaler.metadata?.namespace ?? "";
  let selected: Selected;
  try {
    selected = selectors.select(keyOf(autoscaler), scale.status?.selector ?? "", (selector) =>
      [...pods.list(namespace)].filter(({ metadata }) => matches(selector, metadata?.labels ?? {})),
    );
  } catch (thrown) {
    if (!(thrown instanceof SelectorRefusal)) throw thrown;
    deps.events.event(autoscaler, { type: "Warning", reason: thrown.event, message: thrown.message });
    report.find({ type: "ScalingActive", status: "False", ...thrown.finding });
    return { statuses: [], failure: thrown.message };
  }
  const subject = {
    namespace,
    ...selected,
    specReplicas: scale.spec?.replicas ?? 0,
    statusReplicas: scale.status?.replicas ?? 0,
    tolerances: tolerancesOf(autoscaler),
    now: deps.clock.now(),
    ...settling,
  };
  const tell = ({ reason, told }: { readonly reason: string; readonly told: string }): void =>
    deps.events.event(autoscaler, { type: "Warning", reason, message: told });
  const { finding, ...computed } = await computeReplicas(autoscaler, subject, { metrics: parts.metrics, tell });
  report.find(finding);
  return computed;
}

/** https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/#tolerance */
function tolerancesOf({ spec }: Autoscaler): Tolerances {
  const read = (text: string | undefined): number => {
    const quantity = text === undefined ? undefined : tryQuantity(text);
    return quantity === undefined ? defaultTolerance : Number(quantity.nano) / 1e9;
  };
  return { up: read(spec?.behavior?.scaleUp?.tolerance), down: read(spec?.behavior?.scaleDown?.tolerance) };
}

interface Decided {
  readonly autoscaler: Autoscaler;
  readonly target: ScaleTarget;
  readonly decision: Decision;
}

async function act({ autoscaler, target, decision }: Decided, { report, parts }: Round): Promise<void> {
  const { scales, histories, deps } = parts;
  const { desired, reason, statuses } = decision;
  const current = target.scale.spec?.replicas ?? 0;
  try {
    await rescale(target, desired, scales);
  } catch (thrown) {
    const why = textOf(thrown);
    const failure = `New size: ${desired}; reason: ${reason}; error: ${why}`;
    deps.events.event(autoscaler, { type: "Warning", reason: "FailedRescale", message: failure });
    const message = `the HPA controller was unable to update the target scale: ${why}`;
    report.find({ type: "AbleToScale", status: "False", reason: "FailedUpdateScale", message });
    await report.write({ currentReplicas: current, statuses });
    throw thrown;
  }
  const message = `the HPA controller was able to update the target scale to ${desired}`;
  report.find({ type: "AbleToScale", status: "True", reason: "SucceededRescale", message });
  deps.events.event(autoscaler, {
    type: "Normal",
    reason: "SuccessfulRescale",
    message: `New size: ${desired}; reason: ${reason}`,
  });
  const now = deps.clock.now();
  const key = keyOf(autoscaler);
  histories.set(key, rescaled(histories.get(key) ?? beginning(current, now), current, desired, now));
  await report.write({ currentReplicas: current, desiredReplicas: desired, statuses, lastScaleTime: formatTime(now) });
}
