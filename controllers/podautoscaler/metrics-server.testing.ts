/** Plays the servers of the metrics APIs, between the controllers and the API server. */
import type { ApiRequest, ApiResponse, Transport } from "../../api/wire.ts";

export interface MetricsServer {
  readonly through: (transport: Transport) => Transport;
  /** By path below `/apis/`, without the query; what is not there is not served. */
  readonly answers: Map<string, object | (() => Promise<object>)>;
  /** Paths and queries that were asked for. */
  readonly asked: string[];
}

const apis = /^\/apis\/((?:custom\.|external\.)?metrics\.k8s\.io(?:\/[^?]*)?)(?:\?(.*))?$/;

export function playMetricsServer(): MetricsServer {
  const answers: MetricsServer["answers"] = new Map();
  const asked: string[] = [];
  return {
    answers,
    asked,
    through:
      (transport) =>
      async (request: ApiRequest): Promise<ApiResponse> => {
        const [, path, query = ""] = apis.exec(request.url) ?? [];
        const answer = path === undefined ? undefined : answers.get(path);
        if (path === undefined || answer === undefined) return transport(request);
        asked.push(query === "" ? path : `${path}?${decodeURIComponent(query)}`);
        const object = typeof answer === "function" ? await answer() : answer;
        const bytes = new TextEncoder().encode(JSON.stringify(object));
        return { status: 200, headers: { "content-type": "application/json" }, body: { type: "bytes", bytes } };
      },
  };
}

/** What pods use, as metrics-server says it. */
export function podMetrics(
  usage: Readonly<Record<string, Readonly<Record<string, string>>>>,
  timestamp: string,
): object {
  const items = Object.entries(usage).map(([name, resources]) => ({
    metadata: { name, namespace: "default" },
    timestamp,
    window: "30s",
    containers: [{ name: "web", usage: resources }],
  }));
  return { kind: "PodMetricsList", apiVersion: "metrics.k8s.io/v1beta1", items };
}
