import type { FlowSchema } from "../generated/types/flowcontrol-v1.ts";
import { age } from "../machinery/printing/age.ts";
import { ageColumn, nameColumn } from "../machinery/printing/columns.ts";
import { defineResource, type ResourceRow } from "../resource.ts";
import { validateFlowSchema } from "./flow-schema-validation.ts";
import { mandatorySchemas, validateConditions, validateMandatory } from "./mandatory-specs.ts";

export const flowSchemas: ResourceRow = defineResource<FlowSchema>({
  group: "flowcontrol.apiserver.k8s.io",
  version: "v1",
  kind: "FlowSchema",
  plural: "flowschemas",
  scope: "Cluster",
  definition: "io.k8s.api.flowcontrol.v1.FlowSchema",
  subresources: [{ name: "status", verbs: ["get", "patch", "update"] }],
  storageVersionHash: "GJVAJZSZBIw=",
  generation: ({ spec }) => [spec],
  reset: { main: ["status"], status: ["metadata", "spec"] },
  unconditionalUpdate: true,
  validate({ metadata, spec, status }, { subresource }) {
    if (subresource === "status") return validateConditions(status?.conditions ?? []);
    const name = metadata?.name ?? "";
    return spec === undefined
      ? []
      : [...validateFlowSchema(name, spec), ...validateMandatory(name, spec, mandatorySchemas)];
  },
  table: {
    columns: [
      nameColumn,
      { name: "PriorityLevel", type: "string", description: "Where its requests queue." },
      { name: "MatchingPrecedence", type: "string", description: "Lower numbers are tried first." },
      {
        name: "DistinguisherMethod",
        type: "string",
        description: "What makes two requests belong to different flows.",
      },
      ageColumn,
      { name: "MissingPL", type: "string", description: "Whether the priority level that it names does not exist." },
    ],
    cells: ({ metadata, spec, status }, { now }) => [
      metadata?.name ?? "",
      spec?.priorityLevelConfiguration.name ?? "",
      spec?.matchingPrecedence ?? 0,
      spec?.distinguisherMethod?.type ?? "<none>",
      age(metadata?.creationTimestamp, now),
      status?.conditions?.find(({ type }) => type === "Dangling")?.status ?? "?",
    ],
  },
});
