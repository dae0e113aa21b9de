import type { KubeObject } from "../../api/machinery/object.ts";

export interface ServerAddress {
  /** First address of the service range. */
  readonly serviceAddress: string;
  /** Where the server can be reached by nodes and pods. */
  readonly advertiseAddress: string;
  readonly port: number;
}

const namespace = "default";
const name = "kubernetes";

/** By which pods reach the API server. */
export function kubernetesService({ serviceAddress, port }: ServerAddress): KubeObject {
  return {
    apiVersion: "v1",
    kind: "Service",
    metadata: { name, namespace, labels: { component: "apiserver", provider: "kubernetes" } },
    spec: {
      type: "ClusterIP",
      clusterIP: serviceAddress,
      clusterIPs: [serviceAddress],
      ipFamilyPolicy: "SingleStack",
      sessionAffinity: "None",
      ports: [{ name: "https", protocol: "TCP", port: 443, targetPort: port }],
    },
  } as KubeObject;
}

/** Where the service leads: made by the server itself, since no pods stand behind it. */
export function kubernetesEndpoints({ advertiseAddress, port }: ServerAddress): readonly KubeObject[] {
  return [
    {
      apiVersion: "v1",
      kind: "Endpoints",
      metadata: { name, namespace, labels: { "endpointslice.kubernetes.io/skip-mirror": "true" } },
      subsets: [{ addresses: [{ ip: advertiseAddress }], ports: [{ name: "https", port, protocol: "TCP" }] }],
    } as KubeObject,
    {
      apiVersion: "discovery.k8s.io/v1",
      kind: "EndpointSlice",
      metadata: { name, namespace, labels: { "kubernetes.io/service-name": name } },
      addressType: advertiseAddress.includes(":") ? "IPv6" : "IPv4",
      endpoints: [{ addresses: [advertiseAddress], conditions: { ready: true } }],
      ports: [{ name: "https", port, protocol: "TCP" }],
    } as KubeObject,
  ];
}
