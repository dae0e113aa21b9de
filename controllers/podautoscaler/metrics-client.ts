import { parseDuration } from "../../api/machinery/duration.ts";
import { formatSelector, type Selector } from "../../api/machinery/labels.ts";
import { getOwn, isObject } from "../../api/machinery/members.ts";
import { roundUpMilli, tryQuantity } from "../../api/machinery/quantity.ts";
import { ApiError } from "../../api/machinery/status.ts";
import { timeMillis } from "../../api/machinery/time.ts";
import type { Transport } from "../../api/wire.ts";
import { call } from "../../client/call.ts";
import { groupOf, type ServedKinds } from "../scale/served-kinds.ts";
import type { PodMetric, PodMetrics } from "./pod-metrics.ts";

/** Which object a metric is about. */
export interface DescribedObject {
  readonly apiVersion?: string;
  readonly kind: string;
  readonly name: string;
}

/** The metrics APIs; values in thousandths. Throws what the autoscaler's events say. */
export interface MetricsClient {
  /** What pods, or one container of each, use of a resource. https://kubernetes.io/docs/tasks/debug/debug-cluster/resource-metrics-pipeline/ */
  ofResource(about: {
    readonly namespace: string;
    readonly selector: Selector;
    readonly resource: string;
    readonly container?: string;
  }): Promise<PodMetrics>;
  ofPods(about: {
    readonly namespace: string;
    readonly selector: Selector;
    readonly metric: string;
    readonly metricSelector: Selector;
  }): Promise<PodMetrics>;
  ofObject(about: {
    readonly namespace: string;
    readonly object: DescribedObject;
    readonly metric: string;
    readonly metricSelector: Selector;
  }): Promise<bigint>;
  ofOutside(about: {
    readonly namespace: string;
    readonly metric: string;
    readonly metricSelector: Selector;
  }): Promise<readonly bigint[]>;
}

type Members = Readonly<Record<string, unknown>>;

const userAgent = "kube-controller-manager/v1.36";
const defaultWindowSeconds = 60;
const customGroup = "custom.metrics.k8s.io";

export function createMetricsClient(transport: Transport, servedKinds: ServedKinds): MetricsClient {
  const ask = async (path: string, what: string): Promise<Members> => {
    try {
      return (await call<object>(transport, { method: "GET", url: `/apis/${path}`, userAgent })) as Members;
    } catch (thrown) {
      throw new Error(refusalOf(thrown, what), { cause: thrown });
    }
  };
  const list = async (
    path: string,
    query: Readonly<Record<string, string>>,
    what: string,
  ): Promise<readonly Members[]> => {
    const search = new URLSearchParams(Object.entries(query).filter(([, value]) => value !== "")).toString();
    const { items } = await ask(search === "" ? path : `${path}?${search}`, what);
    return Array.isArray(items) ? items.filter(isObject) : [];
  };
  const custom = async (
    { namespace, resource, name, metric }: CustomPath,
    query: Readonly<Record<string, string>>,
  ): Promise<readonly Members[]> => {
    const groupVersion = customVersion(await ask(customGroup, "").catch(undefinedWhenMissing));
    const object = name === "" ? resource : `${resource}/${encodePart(name)}`;
    const path = `${groupVersion}/namespaces/${encodePart(namespace)}/${object}/${encodePart(metric)}`;
    return list(
      path,
      query,
      name === "" ? `${resource}.${customGroup} ${metric}` : `${resource}.${customGroup} ${name}`,
    );
  };
  return {
    async ofResource({ namespace, selector, resource, container }) {
      const query = { labelSelector: formatSelector(selector) };
      const path = `metrics.k8s.io/v1beta1/namespaces/${encodePart(namespace)}/pods`;
      const items = await some("resource", () => list(path, query, "pods.metrics.k8s.io"));
      const metrics = items.map((item): [string, PodMetric] | undefined => {
        const value = usageOf(item, resource, container);
        return value === undefined ? undefined : [nameIn(item, "metadata"), { value, ...windowOf(item) }];
      });
      return new Map(metrics.filter((metric) => metric !== undefined));
    },
    async ofPods({ namespace, selector, metric, metricSelector }) {
      const query = { labelSelector: formatSelector(selector), metricLabelSelector: formatSelector(metricSelector) };
      const items = await some("custom", () => custom({ namespace, resource: "pods", name: "*", metric }, query));
      return new Map(
        items.map((item) => [nameIn(item, "describedObject"), { value: valueOf(item), ...windowOf(item) }]),
      );
    },
    ofObject({ namespace, object, metric, metricSelector }) {
      return from("custom", async () => {
        const path = { namespace, metric, ...(await describedPath(object, servedKinds)) };
        const [value, ...others] = await custom(path, { metricLabelSelector: formatSelector(metricSelector) });
        const count = value === undefined ? 0 : others.length + 1;
        if (value === undefined || count > 1)
          throw new Error(`the custom metrics API server returned ${count} results when we asked for exactly one`);
        return valueOf(value);
      });
    },
    async ofOutside({ namespace, metric, metricSelector }) {
      const path = `external.metrics.k8s.io/v1beta1/namespaces/${encodePart(namespace)}/${encodePart(metric)}`;
      const query = { labelSelector: formatSelector(metricSelector) };
      const items = await some("external", () => list(path, query, `${metric}.external.metrics.k8s.io`));
      return items.map(valueOf);
    },
  };
}

interface CustomPath {
  readonly namespace: string;
  readonly resource: string;
  /** Empty for metrics of the namespace. */
  readonly name: string;
  readonly metric: string;
}

/** As path segments are written; `*` stands for all pods. */
const encodePart = encodeURIComponent;

function undefinedWhenMissing(thrown: Error): undefined {
  if (!(thrown.cause instanceof ApiError && thrown.cause.code === 404)) throw thrown;
  return undefined;
}

/** The group-version to ask, of an APIGroup: the preferred one if it is known here. */
function customVersion(group: Members | undefined): string {
  if (group === undefined) throw new Error(`no custom metrics API (${customGroup}) registered`);
  const versions = [group["preferredVersion"], ...(Array.isArray(group["versions"]) ? group["versions"] : [])];
  const names = versions.map((version) => (isObject(version) ? version["version"] : undefined));
  const known = names.find((name) => name === "v1beta2" || name === "v1beta1");
  if (known === undefined) throw new Error("no known available metric versions found");
  return `${customGroup}/${known}`;
}

type Source = "resource" | "custom" | "external";

async function from<T>(source: Source, ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (thrown) {
    const why = thrown instanceof Error ? thrown.message : String(thrown);
    throw new Error(`unable to fetch metrics from ${source} metrics API: ${why}`, { cause: thrown });
  }
}

async function some(source: Source, ask: () => Promise<readonly Members[]>): Promise<readonly Members[]> {
  const items = await from(source, ask);
  if (items.length === 0) throw new Error(`no metrics returned from ${source} metrics API`);
  return items;
}

const unserved = "the server could not find the requested resource";

/** Where nothing is served at all, clients say what they asked for. */
function refusalOf(thrown: unknown, what: string): string {
  if (!(thrown instanceof Error)) return String(thrown);
  return thrown instanceof ApiError && thrown.message === unserved ? `${unserved} (get ${what})` : thrown.message;
}

/** Metrics of the namespace itself have a path of their own: an autoscaler sees only the one that it is in. */
async function describedPath(
  { apiVersion = "v1", kind, name }: DescribedObject,
  servedKinds: ServedKinds,
): Promise<Pick<CustomPath, "resource" | "name">> {
  const group = groupOf(apiVersion);
  if (group === "" && kind === "Namespace") return { resource: "metrics", name: "" };
  const [resource] = await servedKinds(group, kind);
  if (resource === undefined) {
    const shown = group === "" ? kind : `${kind}.${group}`;
    throw new Error(`unable to map kind ${shown} to resource: no matches for kind "${kind}" in group "${group}"`);
  }
  const { plural } = resource.type;
  return { resource: group === "" ? plural : `${plural}.${group}`, name };
}

/** Undefined where a container has nothing to say of the resource. */
function usageOf(item: Members, resource: string, container: string | undefined): bigint | undefined {
  const containers = Array.isArray(item["containers"]) ? item["containers"].filter(isObject) : [];
  const counted =
    container === undefined ? containers : containers.filter(({ name }) => name === container).slice(0, 1);
  if (counted.length === 0) return undefined;
  let total = 0n;
  for (const { usage } of counted) {
    const amount = isObject(usage) ? getOwn(usage, resource) : undefined;
    if (amount === undefined) return undefined;
    total += millis(amount);
  }
  return total;
}

function valueOf(item: Members): bigint {
  return millis(item["value"]);
}

function millis(amount: unknown): bigint {
  const quantity = tryQuantity(typeof amount === "number" ? String(amount) : typeof amount === "string" ? amount : "");
  return quantity === undefined ? 0n : roundUpMilli(quantity);
}

/** `30s` of the resource metrics, seconds of all others. */
function windowOf(item: Members): Pick<PodMetric, "timestamp" | "windowMs"> {
  const { window, windowSeconds, timestamp } = item;
  const seconds = typeof windowSeconds === "number" ? windowSeconds : typeof window === "number" ? window : undefined;
  const nanos = typeof window === "string" ? parseDuration(window) : undefined;
  return {
    timestamp: timeMillis(typeof timestamp === "string" ? timestamp : undefined) ?? 0,
    windowMs: nanos === undefined ? (seconds ?? defaultWindowSeconds) * 1000 : Number(nanos / 1_000_000n),
  };
}

function nameIn(item: Members, field: string): string {
  const object = item[field];
  const name = isObject(object) ? object["name"] : undefined;
  return typeof name === "string" ? name : "";
}
