import type { MetricSpec, MetricStatus, MetricTarget } from "../../api/generated/types/autoscaling-v2.ts";
import type { Pod } from "../../api/generated/types/core-v1.ts";
import { isPodReady } from "../../api/core/pod-state.ts";
import { deepClone } from "../../api/machinery/clone.ts";
import { type LabelSelector, selectorOf } from "../../api/machinery/label-selector.ts";
import type { Selector } from "../../api/machinery/labels.ts";
import type { DeepReadonly } from "../../api/machinery/object.ts";
import { formatQuantity, quantityOfMilli, roundUpMilli, tryQuantity } from "../../api/machinery/quantity.ts";
import { shownSelector } from "../shown-selector.ts";
import { failing, MetricFailure, trying } from "./metric-failure.ts";
import type { MetricsClient } from "./metrics-client.ts";
import { type Grouped, groupPods, type PodMetrics, type Settling } from "./pod-metrics.ts";
import { requestsOf } from "./pod-requests.ts";
import {
  byAverage,
  byShare,
  byUtilization,
  byValue,
  capped,
  type Present,
  type Proposal,
  type Tolerances,
} from "./replicas.ts";

/** What is scaled, as it is now. */
export interface Subject extends Settling {
  readonly namespace: string;
  readonly selector: Selector;
  /** Those that the selector selects. */
  readonly pods: readonly DeepReadonly<Pod>[];
  readonly specReplicas: number;
  readonly statusReplicas: number;
  readonly tolerances: Tolerances;
  readonly now: number;
}

export interface MetricProposal {
  readonly replicas: number;
  /** As the reason for a new size names it. */
  readonly metric: string;
  readonly status: MetricStatus;
}

type Spec = DeepReadonly<MetricSpec>;
type Source<K extends keyof MetricSpec> = NonNullable<Spec[K]>;

/** What one metric calls for. Throws a MetricFailure. */
export function proposalOf(spec: Spec, subject: Subject, metrics: MetricsClient): Promise<MetricProposal> {
  const { type, resource, containerResource, pods, object, external } = spec;
  if (type === "Resource" && resource !== undefined) return resourceProposal(resource, subject, metrics);
  if (type === "ContainerResource" && containerResource !== undefined)
    return containerProposal(containerResource, subject, metrics);
  if (type === "Pods" && pods !== undefined) return podsProposal(pods, subject, metrics);
  if (type === "Object" && object !== undefined) return objectProposal(object, subject, metrics);
  if (type === "External" && external !== undefined) return externalProposal(external, subject, metrics);
  const message = `unknown metric source type ${JSON.stringify(type)}`;
  return Promise.reject(new MetricFailure("InvalidMetricSourceType", message, message));
}

async function resourceProposal(
  { name, target }: Source<"resource">,
  subject: Subject,
  metrics: MetricsClient,
): Promise<MetricProposal> {
  const messageOf = (told: string): string => `failed to get ${name} resource metric value: ${told}`;
  const proposal = await failing("FailedGetResourceMetric", messageOf, () =>
    ofResource({ name, target }, subject, metrics),
  );
  return {
    replicas: proposal.replicas,
    metric:
      target.averageValue === undefined ? `${name} resource utilization (percentage of request)` : `${name} resource`,
    status: { type: "Resource", resource: { name, current: resourceValue(name, proposal) } },
  };
}

async function containerProposal(
  source: Source<"containerResource">,
  subject: Subject,
  metrics: MetricsClient,
): Promise<MetricProposal> {
  const { name, container, target } = source;
  const messageOf = (told: string): string => `failed to get ${container} container metric value: ${told}`;
  const proposal = await failing("FailedGetContainerResourceMetric", messageOf, () =>
    ofResource(source, subject, metrics),
  );
  const utilization = `${name} container resource utilization (percentage of request)`;
  return {
    replicas: proposal.replicas,
    metric: target.averageValue === undefined ? utilization : `${name} resource`,
    status: {
      type: "ContainerResource",
      containerResource: { name, container, current: resourceValue(name, proposal) },
    },
  };
}

interface OfResource {
  readonly name: string;
  readonly container?: string;
  readonly target: DeepReadonly<MetricTarget>;
}

async function ofResource(
  { name, container, target }: OfResource,
  subject: Subject,
  metrics: MetricsClient,
): Promise<Proposal> {
  const { averageValue, averageUtilization } = target;
  const { namespace, selector, pods } = subject;
  const about = { namespace, selector, resource: name, ...(container === undefined ? {} : { container }) };
  const ask = (): Promise<PodMetrics> =>
    trying(`unable to get metrics for resource ${name}`, () => metrics.ofResource(about));
  if (averageValue !== undefined)
    return trying(`failed to get ${name} usage`, async () =>
      byAverage(grouped(await ask(), subject, name), millis(averageValue), presentOf(subject)),
    );
  if (averageUtilization === undefined)
    throw new Error(
      "invalid resource metric source: neither an average utilization target nor an average value (usage) target was set",
    );
  return trying(`failed to get ${name} utilization`, async () => {
    const those = grouped(await ask(), subject, name);
    const requests = requestsOf(pods, name, container);
    return byUtilization(those, { requests, target: averageUtilization }, presentOf(subject));
  });
}

/** Memory in the powers of two that people know it by. */
function resourceValue(
  name: string,
  { usage, utilization }: Proposal,
): { averageValue: string; averageUtilization?: number } {
  return {
    averageValue: formatQuantity(quantityOfMilli(usage, name === "memory" ? "BinarySI" : "DecimalSI")),
    ...(utilization === undefined ? {} : { averageUtilization: utilization }),
  };
}

async function podsProposal(
  { metric, target }: Source<"pods">,
  subject: Subject,
  metrics: MetricsClient,
): Promise<MetricProposal> {
  const { namespace, selector } = subject;
  const messageOf = (told: string): string => `failed to get pods metric value: ${told}`;
  const { replicas, usage } = await failing("FailedGetPodsMetric", messageOf, async () => {
    const about = { namespace, selector, metric: metric.name, metricSelector: selectorOf(metric.selector) };
    const found = await trying(`unable to get metric ${metric.name}`, () => metrics.ofPods(about));
    return byAverage(grouped(found, subject), millis(target.averageValue), presentOf(subject));
  });
  const status: MetricStatus = {
    type: "Pods",
    pods: { metric: deepClone(metric), current: { averageValue: plain(usage) } },
  };
  return { replicas, metric: `pods metric ${metric.name}`, status };
}

async function objectProposal(
  source: Source<"object">,
  subject: Subject,
  metrics: MetricsClient,
): Promise<MetricProposal> {
  const { metric, target, describedObject } = source;
  const { namespace } = subject;
  const isValue = target.type === "Value" && target.value !== undefined;
  const isAverage = target.type === "AverageValue" && target.averageValue !== undefined;
  const prefix = isAverage ? `failed to get ${metric.name} object metric: ` : "";
  const messageOf = (told: string): string => `failed to get object metric value: ${prefix}${told}`;
  const { replicas, usage } = await failing("FailedGetObjectMetric", messageOf, async () => {
    if (!isValue && !isAverage)
      throw new Error("invalid object metric source: neither a value target nor an average value target was set");
    const about = {
      namespace,
      object: describedObject,
      metric: metric.name,
      metricSelector: selectorOf(metric.selector),
    };
    // In upstream's order of words.
    const what = `unable to get metric ${metric.name}: ${describedObject.kind} on ${namespace} ${describedObject.name}/`;
    const value = await metrics.ofObject(about).catch((thrown: unknown) => {
      throw new Error(`${what}${thrown instanceof Error ? thrown.message : String(thrown)}`, { cause: thrown });
    });
    return isValue
      ? byWhole(value, target.value, subject)
      : byShare(value, millis(target.averageValue), existing(subject));
  });
  const current = isValue ? { value: plain(usage) } : { averageValue: plain(usage) };
  return {
    replicas,
    metric: isValue ? `${describedObject.kind} metric ${metric.name}` : outsideName(metric),
    status: { type: "Object", object: { metric: deepClone(metric), describedObject: { ...describedObject }, current } },
  };
}

async function externalProposal(
  { metric, target }: Source<"external">,
  subject: Subject,
  metrics: MetricsClient,
): Promise<MetricProposal> {
  const { name } = metric;
  const { namespace } = subject;
  const isAverage = target.averageValue !== undefined;
  const has = isAverage || target.value !== undefined;
  const prefix = isAverage
    ? `failed to get ${name} external metric: `
    : has
      ? `failed to get external metric ${name}: `
      : "";
  const messageOf = (told: string): string => `failed to get ${name} external metric value: ${prefix}${told}`;
  const { replicas, usage } = await failing("FailedGetExternalMetric", messageOf, async () => {
    if (!has)
      throw new Error("invalid external metric source: neither a value target nor an average value target was set");
    const metricSelector = selectorOf(metric.selector);
    const what = `unable to get external metric ${namespace}/${name}/${shownSelector(metric.selector)}`;
    const values = await trying(what, () => metrics.ofOutside({ namespace, metric: name, metricSelector }));
    const total = capped(values.reduce((sum, value) => sum + value, 0n));
    return isAverage
      ? byShare(total, millis(target.averageValue), existing(subject))
      : byWhole(total, target.value, subject);
  });
  const current = isAverage ? { averageValue: plain(usage) } : { value: plain(usage) };
  return {
    replicas,
    metric: outsideName(metric),
    status: { type: "External", external: { metric: deepClone(metric), current } },
  };
}

function byWhole(value: bigint, target: string | undefined, subject: Subject): Proposal {
  return byValue(value, millis(target), presentOf(subject), () => {
    if (subject.pods.length === 0)
      throw new Error("unable to calculate ready pods: no pods returned by selector while calculating replica count");
    return subject.pods.filter((pod) => pod.status?.phase === "Running" && isPodReady(pod)).length;
  });
}

function grouped(metrics: PodMetrics, subject: Subject, resource?: string): Grouped {
  if (subject.pods.length === 0) throw new Error("no pods returned by selector while calculating replica count");
  return groupPods({ ...subject, metrics, ...(resource === undefined ? {} : { resource }) });
}

function presentOf({ specReplicas, tolerances }: Subject): Present {
  return { replicas: specReplicas, tolerances };
}

/** Those that there are, not those that there are to be. */
function existing({ statusReplicas, tolerances }: Subject): Present {
  return { replicas: statusReplicas, tolerances };
}

function outsideName({
  name,
  selector,
}: {
  readonly name: string;
  readonly selector?: DeepReadonly<LabelSelector>;
}): string {
  return `external metric ${name}(${shownSelector(selector)})`;
}

function plain(value: bigint): string {
  return formatQuantity(quantityOfMilli(value));
}

function millis(text: string | undefined): bigint {
  const quantity = tryQuantity(text ?? "");
  return quantity === undefined ? 0n : roundUpMilli(quantity);
}
