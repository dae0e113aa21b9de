import { createHash } from "node:crypto";
import type { NodeSystemInfo } from "../../../api/generated/types/core-v1.ts";
import { formatIp } from "../../../api/machinery/ip.ts";
import type { DeepReadonly } from "../../../api/machinery/object.ts";
import type { Machine } from "../../kubelet/node/machine.ts";

export interface SimulatedMachineOptions {
  readonly nodeName: string;
  /** Which of the nodes of this process it is, from 0: its address follows from it. */
  readonly index?: number;
  readonly capacity?: Readonly<Record<string, string>>;
  readonly labels?: Readonly<Record<string, string>>;
  readonly taints?: Machine["taints"];
  /** `v1.36.2` */
  readonly version?: string;
  /** As kernels name it: `amd64`. */
  readonly architecture?: string;
  readonly runtimeVersion: string;
}

const defaultCapacity = { cpu: "16", memory: "64Gi", pods: "110", "ephemeral-storage": "256Gi" };
/** 198.18.0.0/15, which nobody else uses: neither pods, nor services, nor machines. https://www.rfc-editor.org/rfc/rfc2544 */
const firstAddress = (198n << 24n) | (18n << 16n) | 2n;
/** 100.64.0.0/10: for pods of nodes that the cluster gives no network. https://www.rfc-editor.org/rfc/rfc6598 */
const firstFallback = (100n << 24n) | (64n << 16n);
const fallbacks = 1n << 14n;

/** A machine that nobody has. */
export function simulatedMachine(options: SimulatedMachineOptions): Machine {
  const { nodeName, index = 0, labels = {}, taints = [] } = options;
  const capacity = { ...defaultCapacity, ...options.capacity };
  const info: DeepReadonly<NodeSystemInfo> = {
    ...idsOf(nodeName),
    kernelVersion: "simulated",
    osImage: "simulated",
    containerRuntimeVersion: `simulated://${options.runtimeVersion}`,
    kubeletVersion: options.version ?? "v1.36.2",
    kubeProxyVersion: "",
    operatingSystem: "linux",
    architecture: options.architecture ?? "amd64",
  };
  const address = formatIp({ family: "IPv4", value: firstAddress + BigInt(index) });
  const addresses = [
    { type: "InternalIP", address },
    { type: "Hostname", address: nodeName },
  ];
  return { nodeName, addresses, capacity, allocatable: capacity, info, labels, taints };
}

/** The network of a node's pods as long as the cluster gives it none: one of its own. */
export function fallbackPodRange(index: number): string {
  const value = firstFallback + ((BigInt(index) % fallbacks) << 8n);
  return `${formatIp({ family: "IPv4", value })}/24`;
}

/** Made up, but the same at each start. */
function idsOf(nodeName: string): Pick<NodeSystemInfo, "machineID" | "systemUUID" | "bootID"> {
  const machineID = createHash("sha256").update(nodeName).digest("hex").slice(0, 32);
  const systemUUID = machineID.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
  return { machineID, systemUUID, bootID: systemUUID };
}
