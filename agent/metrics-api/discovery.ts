import type { APIGroup, APIResourceList } from "../../api/generated/types/meta-v1.ts";
import { apiVersion } from "./usage-metrics.ts";

const version = { groupVersion: apiVersion, version: "v1beta1" };

/** What the metrics API says of itself. https://kubernetes.io/docs/reference/using-api/api-concepts/#discovery-api */
export const metricsGroup: APIGroup = {
  kind: "APIGroup",
  apiVersion: "v1",
  name: "metrics.k8s.io",
  versions: [version],
  preferredVersion: version,
};

export const metricsResources: APIResourceList = {
  kind: "APIResourceList",
  apiVersion: "v1",
  groupVersion: apiVersion,
  resources: [
    { name: "nodes", singularName: "", namespaced: false, kind: "NodeMetrics", verbs: ["get", "list"] },
    { name: "pods", singularName: "", namespaced: true, kind: "PodMetrics", verbs: ["get", "list"] },
  ],
};
