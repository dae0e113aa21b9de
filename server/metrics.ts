import { collectDefaultMetrics, Counter, Gauge, Histogram, type Registry } from "prom-client";
import type { ApiResponse } from "../api/wire.ts";
import type { Clock } from "../base/clock.ts";
import type { RequestObserver } from "./pipeline/observe.ts";
import type { Described, ResourceTarget } from "./pipeline/stages.ts";

export interface ServerMetricsParts {
  /** One per server, so that several in one process do not count for each other. */
  readonly registry: Registry;
  /** Real time. */
  readonly clock: Clock;
  /** Only names that exist become labels: else anybody could fill the memory with made-up ones. */
  readonly isServed: (group: string, version: string, resource: string) => boolean;
  readonly inFlight: () => { readonly readOnly: number; readonly mutating: number };
  /** Stored objects by resource (`pods`, `deployments.apps`). */
  readonly storedObjects: () => Iterable<readonly [resource: string, count: number]>;
  readonly gitVersion: string;
}

export interface ServerMetrics {
  readonly requests: RequestObserver;
  /** For watches and streams: called when one begins, and what it returns when it ends. */
  longRunning(described: Described): () => void;
  /** The answer of `/metrics`. */
  answer(): Promise<ApiResponse>;
}

const requestLabels = ["verb", "group", "version", "resource", "subresource", "scope", "component"] as const;
type RequestLabels = Readonly<Record<(typeof requestLabels)[number], string>>;

/** Upstream's buckets: dashboards and alerts compute with them. */
const durationBuckets = [
  0.005, 0.025, 0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 1, 1.25, 1.5, 2, 3, 4, 5, 6, 8, 10, 15, 20, 30, 45, 60,
];

/**
 * Metrics with upstream's names, where they mean the same.
 * https://kubernetes.io/docs/reference/instrumentation/metrics/
 */
export function createServerMetrics(parts: ServerMetricsParts): ServerMetrics {
  const { registry, clock, isServed } = parts;
  const registers = [registry];
  const total = new Counter({
    name: "apiserver_request_total",
    help: "Requests by verb, dry run, resource, scope and HTTP response code.",
    labelNames: ["dry_run", "code", ...requestLabels],
    registers,
  });
  const duration = new Histogram({
    name: "apiserver_request_duration_seconds",
    help: "Seconds until the answer of a request was known, by verb, dry run, resource and scope.",
    labelNames: ["dry_run", ...requestLabels],
    buckets: durationBuckets,
    registers,
  });
  const longRunning = new Gauge({
    name: "apiserver_longrunning_requests",
    help: "Watches and streams that are open, by verb, resource and scope.",
    labelNames: requestLabels,
    registers,
  });
  addGauges(parts);

  return {
    requests: {
      started() {
        const start = clock.now();
        return (described, { status }) => {
          const labels = { ...labelsOf(described, isServed), dry_run: dryRunOf(described) };
          total.inc({ ...labels, code: String(status) });
          if (labels.verb !== "WATCH") duration.observe(labels, (clock.now() - start) / 1000);
        };
      },
    },
    longRunning(described) {
      const labels = labelsOf(described, isServed);
      longRunning.inc(labels);
      return () => longRunning.dec(labels);
    },
    async answer() {
      const bytes = Buffer.from(await registry.metrics());
      return { status: 200, headers: { "content-type": registry.contentType }, body: { type: "bytes", bytes } };
    },
  };
}

/** process_* and nodejs_*. Their observers last as long as the process: for the one registry of a server command. */
export function addProcessMetrics(registry: Registry): void {
  collectDefaultMetrics({ register: registry });
}

/** What is read when somebody asks. */
function addGauges({ registry, inFlight, storedObjects, gitVersion }: ServerMetricsParts): void {
  const registers = [registry];
  new Gauge({
    name: "apiserver_current_inflight_requests",
    help: "Requests under way, without watches and streams.",
    labelNames: ["request_kind"],
    registers,
    collect() {
      const { readOnly, mutating } = inFlight();
      this.set({ request_kind: "readOnly" }, readOnly);
      this.set({ request_kind: "mutating" }, mutating);
    },
  });
  new Gauge({
    name: "apiserver_storage_objects",
    help: "Stored objects by resource.",
    labelNames: ["resource"],
    registers,
    collect() {
      this.reset();
      for (const [resource, count] of storedObjects()) this.set({ resource }, count);
    },
  });
  new Gauge({
    name: "kubernetes_build_info",
    help: "The Kubernetes version that this server is compatible with; the value is always 1.",
    labelNames: ["git_version"],
    registers,
  }).set({ git_version: gitVersion }, 1);
}

const resourceVerbs: Readonly<Record<ResourceTarget["verb"], string>> = {
  get: "GET",
  list: "LIST",
  watch: "WATCH",
  create: "POST",
  update: "PUT",
  patch: "PATCH",
  delete: "DELETE",
  deletecollection: "DELETECOLLECTION",
};
const methods: ReadonlySet<string> = new Set(["get", "head", "post", "put", "patch", "delete", "options"]);
/** Upstream shows these as subresources. */
const ownPaths: ReadonlySet<string> = new Set(["/healthz", "/livez", "/readyz", "/metrics", "/version"]);
const nowhere = { group: "", version: "", resource: "", subresource: "", scope: "", component: "apiserver" } as const;

function labelsOf(described: Described | undefined, isServed: ServerMetricsParts["isServed"]): RequestLabels {
  if (described === undefined) return { verb: "other", ...nowhere };
  const { target, path } = described;
  if (target.type === "nonResource") {
    const verb = methods.has(target.verb) ? target.verb.toUpperCase() : "other";
    return { verb, ...nowhere, subresource: ownPaths.has(path) ? path : "" };
  }
  const { group, version, resource } = target;
  const isApply =
    target.verb === "patch" && described.request.headers["content-type"]?.startsWith("application/apply-patch");
  const verb = isApply ? "APPLY" : resourceVerbs[target.verb];
  if (!isServed(group, version, resource)) return { verb, ...nowhere };
  const scope =
    target.name !== "" || target.verb === "create" ? "resource" : target.namespace === "" ? "cluster" : "namespace";
  return {
    verb,
    group,
    version,
    resource,
    subresource: subresourceLabel(target.subresource),
    scope,
    component: "apiserver",
  };
}

/** Those of built-in kinds; custom resources have no others. */
const subresources: ReadonlySet<string> = new Set([
  "approval",
  "attach",
  "binding",
  "ephemeralcontainers",
  "eviction",
  "exec",
  "finalize",
  "log",
  "portforward",
  "proxy",
  "resize",
  "scale",
  "status",
  "token",
]);

function subresourceLabel(name: string): string {
  return subresources.has(name) ? name : "";
}

function dryRunOf(described: Described | undefined): string {
  return described?.query.get("dryRun") === "All" ? "All" : "";
}
