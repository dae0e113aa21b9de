/** Texts that the tables of several kinds share. */
import type { PodTemplateSpec } from "../generated/types/core-v1.ts";
import type { DeepReadonly } from "../machinery/object.ts";
import type { TableColumn } from "../resource.ts";

/** What workloads show of their pods with `-o wide`. */
export const containerColumns: readonly TableColumn[] = [
  { name: "Containers", type: "string", priority: 1, description: "Names of the containers in the pod template." },
  { name: "Images", type: "string", priority: 1, description: "Images of the containers in the pod template." },
];

export function containerCells(template: DeepReadonly<PodTemplateSpec> | undefined): [names: string, images: string] {
  const containers = template?.spec?.containers ?? [];
  return [containers.map(({ name }) => name).join(","), containers.map(({ image }) => image ?? "").join(",")];
}

/** The addresses a load balancer was given, each once, sorted. */
export function loadBalancerText(
  ingress: readonly { readonly ip?: string; readonly hostname?: string }[] | undefined,
): string {
  const addresses = (ingress ?? []).map(({ ip, hostname }) => ip || hostname || "").filter((address) => address !== "");
  return [...new Set(addresses)].sort().join(",");
}

const shortModes: readonly (readonly [mode: string, short: string])[] = [
  ["ReadWriteOnce", "RWO"],
  ["ReadOnlyMany", "ROX"],
  ["ReadWriteMany", "RWX"],
  ["ReadWriteOncePod", "RWOP"],
];

/** `RWO,ROX`, always in this order. */
export function accessModes(modes: readonly string[] | undefined): string {
  return shortModes
    .filter(([mode]) => (modes ?? []).includes(mode))
    .map(([, short]) => short)
    .join(",");
}
