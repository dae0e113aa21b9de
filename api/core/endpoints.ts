import type { Endpoints, EndpointSubset } from "../generated/types/core-v1.ts";
import type { DeepReadonly } from "../machinery/object.ts";
import { age } from "../machinery/printing/age.ts";
import { listWithMore } from "../machinery/printing/cells.ts";
import { ageColumn, nameColumn } from "../machinery/printing/columns.ts";
import { defineResource, type ResourceRow } from "../resource.ts";
import { validateSubset } from "./endpoint-validation.ts";

export const endpoints: ResourceRow = defineResource<Endpoints>({
  group: "",
  version: "v1",
  kind: "Endpoints",
  plural: "endpoints",
  singular: "endpoints",
  shortNames: ["ep"],
  scope: "Namespaced",
  definition: "io.k8s.api.core.v1.Endpoints",
  storagePrefix: "services/endpoints",
  storageVersionHash: "fWeeMqaN/OA=",
  createOnUpdate: true,
  unconditionalUpdate: true,
  validate: ({ subsets }) => (subsets ?? []).flatMap((subset, index) => validateSubset(subset, `subsets[${index}]`)),
  deprecation: "v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice",
  table: {
    columns: [
      nameColumn,
      { name: "Endpoints", type: "string", description: "Addresses and ports that are ready." },
      ageColumn,
    ],
    cells: ({ metadata, subsets }, { now }) => [
      metadata?.name ?? "",
      addresses(subsets ?? []),
      age(metadata?.creationTimestamp, now),
    ],
  },
});

const shown = 3;

/** Every address with every port: `10.1.0.2:80,10.1.0.3:80 + 4 more...`. */
function addresses(subsets: readonly DeepReadonly<EndpointSubset>[]): string {
  if (subsets.length === 0) return "<none>";
  const first: string[] = [];
  let total = 0;
  for (const { ports = [], addresses: ready = [] } of subsets) {
    total += ready.length * Math.max(ports.length, 1);
    for (const port of ports.length === 0 ? [undefined] : ports) {
      for (const { ip } of ready.slice(0, shown - first.length))
        first.push(port === undefined ? ip : hostPort(ip, port.port));
    }
  }
  return listWithMore(first, total);
}

function hostPort(ip: string, port: number): string {
  return ip.includes(":") ? `[${ip}]:${port}` : `${ip}:${port}`;
}
