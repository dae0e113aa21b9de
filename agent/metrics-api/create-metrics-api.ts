import { matchesFields, parseFieldSelector } from "../../api/machinery/fields.ts";
import { parseLabelSelector } from "../../api/machinery/label-query.ts";
import { matches } from "../../api/machinery/labels.ts";
import type { DeepReadonly, KubeObject } from "../../api/machinery/object.ts";
import { ApiError } from "../../api/machinery/status.ts";
import type { ApiRequest, ApiResponse, Transport } from "../../api/wire.ts";
import type { Clock } from "../../base/clock.ts";
import { sliced } from "../../base/slice.ts";
import { metricsGroup, metricsResources } from "./discovery.ts";
import type { MeteredNode } from "./metered-node.ts";
import { type IncludeObject, type Metrics, metricsTable } from "./metrics-table.ts";
import { apiVersion, nodeMetrics, podMetrics } from "./usage-metrics.ts";

export interface MetricsApiDeps {
  /** Those whose agents can be asked. */
  readonly nodes: () => Iterable<MeteredNode>;
  readonly clock: Clock;
}

const root = `/apis/${apiVersion}`;
/**
 * What metrics-server serves: `metrics.k8s.io/v1beta1`, for `kubectl top` and autoscalers. It authenticates nobody and
 * allows everything: whoever mounts it does that before. https://github.com/kubernetes/metrics
 */
export function createMetricsApi(deps: MetricsApiDeps): Transport {
  return async (request) => {
    try {
      return await answer(request, deps);
    } catch (thrown) {
      const error = ApiError.from(thrown);
      return json(error.code, error.toStatus());
    }
  };
}

async function answer(request: ApiRequest, deps: MetricsApiDeps): Promise<ApiResponse> {
  const url = new URL(request.url, "http://metrics");
  const path = url.pathname.replace(/\/$/, "");
  if (path === "/apis/metrics.k8s.io") return json(200, metricsGroup);
  if (path === root) return json(200, metricsResources);
  const target = path.startsWith(`${root}/`) ? targetOf(path.slice(root.length + 1)) : undefined;
  if (target === undefined) throw new ApiError("NotFound", "the server could not find the requested resource");
  if (request.method !== "GET" || url.searchParams.get("watch") === "true")
    throw new ApiError("MethodNotAllowed", "the server does not allow this method on the requested resource");
  const shown = shownAs(request, url.searchParams);
  if (target.name !== undefined) {
    const found =
      target.resource === "nodes" ? oneNode(target.name, deps) : onePod(target.namespace ?? "", target.name, deps);
    return json(200, shown === undefined ? found : metricsTable([found], shown.version, shown.include));
  }
  const items = await list(target, selectionOf(url.searchParams), deps);
  if (shown !== undefined) return json(200, metricsTable(items, shown.version, shown.include));
  const kind = target.resource === "nodes" ? "NodeMetricsList" : "PodMetricsList";
  return json(200, { kind, apiVersion, metadata: {}, items: items.map(withoutType) });
}

interface Target {
  readonly resource: "nodes" | "pods";
  readonly namespace?: string | undefined;
  readonly name?: string | undefined;
}

function targetOf(rest: string): Target | undefined {
  const parts = rest.split("/").map(decoded);
  if (parts[0] === "nodes" && parts.length <= 2) return { resource: "nodes", name: parts[1] };
  if (parts[0] === "pods" && parts.length === 1) return { resource: "pods" };
  if (parts[0] === "namespaces" && parts[2] === "pods" && parts.length <= 4)
    return { resource: "pods", namespace: parts[1], name: parts[3] };
  return undefined;
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch (thrown) {
    throw new ApiError("BadRequest", `${JSON.stringify(part)} is no part of a path`, { cause: thrown });
  }
}

type Selects = (object: DeepReadonly<KubeObject>) => boolean;

function selectionOf(query: URLSearchParams): Selects {
  const selector = parseLabelSelector(query.get("labelSelector") ?? "");
  const fields = parseFieldSelector(query.get("fieldSelector") ?? "");
  return ({ metadata }) => {
    const valueOf = (field: string): string =>
      field === "metadata.name"
        ? (metadata?.name ?? "")
        : field === "metadata.namespace"
          ? (metadata?.namespace ?? "")
          : "";
    return matchesFields(fields, valueOf) && matches(selector, metadata?.labels);
  };
}

async function list(target: Target, selects: Selects, { nodes, clock }: MetricsApiDeps): Promise<readonly Metrics[]> {
  const now = clock.now();
  const measured =
    target.resource === "nodes"
      ? measuredNodes(nodes(), selects, now)
      : measuredPods(nodes(), selects, { target, now });
  const items: Metrics[] = [];
  // Others have their turn meanwhile: there may be many.
  for await (const measure of sliced(measured, (measure) => measure())) if (measure !== undefined) items.push(measure);
  return items.toSorted((left, right) => (keyOf(left) < keyOf(right) ? -1 : 1));
}

type Measure = () => Metrics | undefined;

function* measuredNodes(nodes: Iterable<MeteredNode>, selects: Selects, now: number): Iterable<Measure> {
  for (const metered of nodes) {
    const node = metered.node();
    if (selects(node)) yield () => nodeMetrics(node, metered.stats(), now);
  }
}

function* measuredPods(
  nodes: Iterable<MeteredNode>,
  selects: Selects,
  { target, now }: { readonly target: Target; readonly now: number },
): Iterable<Measure> {
  for (const metered of nodes)
    for (const pod of metered.pods(target.namespace))
      if (selects(pod)) yield () => podMetrics(pod, metered.stats(pod.metadata?.uid ?? ""), now);
}

/** Orders as the API orders: by namespace, then by name. */
function keyOf({ metadata }: Metrics): string {
  return `${metadata?.namespace ?? ""}\0${metadata?.name ?? ""}`;
}

function oneNode(name: string, { nodes, clock }: MetricsApiDeps): Metrics {
  for (const metered of nodes())
    if (metered.node().metadata?.name === name) return nodeMetrics(metered.node(), metered.stats(), clock.now());
  throw notFound("nodemetrics", name);
}

function onePod(namespace: string, name: string, { nodes, clock }: MetricsApiDeps): Metrics {
  for (const metered of nodes()) {
    const pod = metered.pod(namespace, name);
    const found = pod === undefined ? undefined : podMetrics(pod, metered.stats(pod.metadata?.uid ?? ""), clock.now());
    if (found !== undefined) return found;
  }
  throw notFound("podmetrics", `${namespace}/${name}`);
}

function notFound(kind: string, name: string): ApiError {
  const message = `${kind}.metrics.k8s.io ${JSON.stringify(name)} not found`;
  return new ApiError("NotFound", message, { details: { name, group: "metrics.k8s.io", kind } });
}

/** Undefined: as it is. */
function shownAs(
  { headers }: ApiRequest,
  query: URLSearchParams,
): { readonly version: string; readonly include: IncludeObject } | undefined {
  const clauses = (headers["accept"] ?? "").split(",").map((clause) => clause.replaceAll(" ", ""));
  for (const clause of clauses) {
    const version = /;as=Table(?:;|$)/.test(clause) ? /;v=(v1|v1beta1)(?:;|$)/.exec(clause)?.[1] : undefined;
    if (version !== undefined) return { version, include: includeOf(query.get("includeObject")) };
    if (/^(?:application\/json|\*\/\*)$/.test(clause)) return undefined;
  }
  return undefined;
}

function includeOf(asked: string | null): IncludeObject {
  return asked === "None" || asked === "Object" ? asked : "Metadata";
}

/** Items of a list need not say what they are. */
function withoutType({ kind: _kind, apiVersion: _version, ...item }: Metrics): object {
  return item;
}

function json(status: number, value: object): ApiResponse {
  const bytes = Buffer.from(`${JSON.stringify(value)}\n`);
  return { status, headers: { "content-type": "application/json" }, body: { type: "bytes", bytes } };
}
