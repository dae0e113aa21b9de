import type { KubeObject } from "../../api/machinery/object.ts";

/** A service in `default` and the slice of its endpoint on the loopback address. */
export function serviceAt(name: string, port: number, targetPort: number): Record<string, readonly KubeObject[]> {
  const service: object = {
    metadata: { name, namespace: "default" },
    spec: { type: "ClusterIP", clusterIP: "10.96.0.99", ports: [{ port, name: "https" }] },
  };
  const slice: object = {
    metadata: { name: `${name}-x`, namespace: "default", labels: { "kubernetes.io/service-name": name } },
    addressType: "IPv4",
    endpoints: [{ addresses: ["127.0.0.1"], conditions: { ready: true } }],
    ports: [{ name: "https", port: targetPort, protocol: "TCP" }],
  };
  return { services: [service], "endpointslices.discovery.k8s.io": [slice] };
}
