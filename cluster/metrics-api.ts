import { createMetricsApi } from "../agent/metrics-api/create-metrics-api.ts";
import { metricsGroup, metricsResources } from "../agent/metrics-api/discovery.ts";
import type { MeteredNode } from "../agent/metrics-api/metered-node.ts";
import type { Clock } from "../base/clock.ts";
import type { LocalApi } from "../server/extensions/local-apis.ts";

/** `metrics.k8s.io` about the nodes of this process. */
export function metricsApi(nodes: () => Iterable<MeteredNode>, clock: Clock): LocalApi {
  const { version = "" } = metricsGroup.preferredVersion ?? {};
  return {
    group: metricsGroup.name,
    version,
    resources: metricsResources.resources.map(({ name, kind, namespaced, verbs }) => ({
      resource: name,
      responseKind: { group: "", version: "", kind },
      scope: namespaced ? "Namespaced" : "Cluster",
      singularResource: "",
      verbs,
    })),
    transport: createMetricsApi({ nodes, clock }),
  };
}
