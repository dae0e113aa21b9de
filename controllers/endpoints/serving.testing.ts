/** Services and the pods behind them, as the kubelet would report them. */
import type { Node, Pod, Service } from "../../api/generated/types/core-v1.ts";
import type { DeepReadonly } from "../../api/machinery/object.ts";
import { formatTime } from "../../api/machinery/time.ts";
import type { Client } from "../../client/client.ts";
import { nodes, pods } from "../../client/resource-types.ts";

export interface PodOptions {
  readonly node?: string;
  readonly ips?: readonly string[];
  readonly ready?: boolean;
  readonly phase?: string;
  readonly labels?: Record<string, string>;
  readonly spec?: Partial<Pod["spec"]>;
  /** Milliseconds since the epoch. */
  readonly since?: number;
}

export function webService(name: string, spec: Partial<Service["spec"]> = {}, namespace = "default"): Service {
  return {
    metadata: { namespace, name, labels: { team: "a" } },
    spec: { selector: { app: name }, ports: [{ port: 80, targetPort: 8080, protocol: "TCP" }], ...spec },
  };
}

export async function addNode(client: Client, name: string, labels: Record<string, string> = {}): Promise<void> {
  const node: Node = { metadata: { name, labels } };
  await client.create(nodes, node);
}

/** A pod on a node, with an address and a readiness. */
export async function runPod(
  client: Client,
  name: string,
  { node = "n1", ips = ["10.1.0.1"], labels = { app: "web" }, spec, ...status }: PodOptions = {},
  namespace = "default",
): Promise<void> {
  await client.create(pods, {
    metadata: { namespace, name, labels },
    spec: { containers: [{ name: "c", image: "i" }], nodeName: node, ...spec },
  });
  await report(client, name, { ips, ...status }, namespace);
}

export async function report(
  client: Client,
  name: string,
  { ips, ready = true, phase = "Running", since = Date.UTC(2026, 0, 1) }: PodOptions,
  namespace = "default",
): Promise<DeepReadonly<Pod>> {
  const conditions = [{ type: "Ready", status: ready ? "True" : "False", lastTransitionTime: formatTime(since) }];
  const addresses = ips === undefined ? {} : { podIP: ips[0], podIPs: ips.map((ip) => ({ ip })) };
  const status = { phase, conditions, ...addresses };
  return client.patch(pods, { namespace, name }, { status }, { subresource: "status" });
}
