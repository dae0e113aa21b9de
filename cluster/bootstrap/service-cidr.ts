import type { ServiceCIDR } from "../../api/generated/types/networking-v1.ts";
import type { KubeObject } from "../../api/machinery/object.ts";
import { formatTime } from "../../api/machinery/time.ts";
import type { Transport } from "../../api/wire.ts";
import { call } from "../../client/call.ts";

/** The default range of service addresses, as an object. */
export function serviceCidr(cidrs: readonly string[]): KubeObject {
  return {
    apiVersion: "networking.k8s.io/v1",
    kind: "ServiceCIDR",
    metadata: { name: "kubernetes", finalizers: ["networking.k8s.io/service-cidr-finalizer"] },
    spec: { cidrs: [...cidrs] },
  } as KubeObject;
}

/** The server vouches for its own range; upstream gives no reason. A condition that is there is its controller's. */
export async function markServiceCidrReady(transport: Transport, url: string, now: number): Promise<void> {
  const { metadata, status } = (await call(transport, { method: "GET", url })) as ServiceCIDR;
  const isJudged = status?.conditions?.some(({ type }) => type === "Ready") === true;
  if (isJudged || metadata?.deletionTimestamp !== undefined) return;
  const ready = {
    type: "Ready",
    status: "True",
    reason: "",
    message: "Kubernetes default Service CIDR is ready",
    lastTransitionTime: formatTime(now),
  };
  const body = { status: { conditions: [ready] } };
  await call(transport, { method: "PATCH", url: `${url}/status`, contentType: "application/merge-patch+json", body });
}
