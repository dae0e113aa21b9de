import type { ComponentStatus } from "../generated/types/core-v1.ts";
import { nameColumn } from "../machinery/printing/columns.ts";
import { defineResource, type ResourceRow } from "../resource.ts";

/** Deprecated since v1.19: computed when asked for, never stored. */
export const componentStatuses: ResourceRow = defineResource<ComponentStatus>({
  group: "",
  version: "v1",
  kind: "ComponentStatus",
  plural: "componentstatuses",
  shortNames: ["cs"],
  scope: "Cluster",
  definition: "io.k8s.api.core.v1.ComponentStatus",
  verbs: ["get", "list"],
  stored: false,
  table: {
    columns: [
      nameColumn,
      { name: "Status", type: "string", description: "Whether the component is healthy." },
      { name: "Message", type: "string", description: "What the component said of its health." },
      { name: "Error", type: "string", description: "Why its health could not be told." },
    ],
    cells: ({ metadata, conditions }) => {
      const health = (conditions ?? []).find(({ type }) => type === "Healthy");
      const status = health === undefined ? "Unknown" : health.status === "True" ? "Healthy" : "Unhealthy";
      return [metadata?.name ?? "", status, health?.message ?? "", health?.error ?? ""];
    },
  },
});
