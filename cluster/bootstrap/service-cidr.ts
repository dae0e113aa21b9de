import type { KubeObject } from "../../api/machinery/object.ts";

/** The default range of service addresses, as an object. */
export function serviceCidr(cidrs: readonly string[]): KubeObject {
  return {
    apiVersion: "networking.k8s.io/v1",
    kind: "ServiceCIDR",
    metadata: { name: "kubernetes", finalizers: ["networking.k8s.io/service-cidr-finalizer"] },
    spec: { cidrs: [...cidrs] },
  } as KubeObject;
}
