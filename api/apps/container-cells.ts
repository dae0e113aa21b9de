import type { DeepReadonly } from "../machinery/object.ts";
import type { PodTemplateSpec } from "../generated/types/core-v1.ts";

/** The two cells that workloads show with `-o wide`: names and images of their containers. */
export function containerCells(template: DeepReadonly<PodTemplateSpec> | undefined): [names: string, images: string] {
  const containers = template?.spec?.containers ?? [];
  return [containers.map(({ name }) => name).join(","), containers.map(({ image }) => image ?? "").join(",")];
}
