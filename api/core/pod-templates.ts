import type { PodTemplate } from "../generated/types/core-v1.ts";
import { nameColumn } from "../machinery/printing/columns.ts";
import { formatLabels } from "../machinery/printing/labels.ts";
import { defineResource, type ResourceRow } from "../resource.ts";
import { containerCells } from "./cells.ts";
import { validatePodTemplate } from "./pod-validation.ts";

export const podTemplates: ResourceRow = defineResource<PodTemplate>({
  group: "",
  version: "v1",
  kind: "PodTemplate",
  plural: "podtemplates",
  scope: "Namespaced",
  definition: "io.k8s.api.core.v1.PodTemplate",
  storageVersionHash: "LIXB2x4IFpk=",
  generation: ({ template }) => [template],
  unconditionalUpdate: true,
  returnsDeleted: true,
  validate: ({ template }) => validatePodTemplate(template ?? {}, "template"),
  table: {
    columns: [
      nameColumn,
      { name: "Containers", type: "string", description: "Names of the template's containers." },
      { name: "Images", type: "string", description: "Images of the template's containers." },
      { name: "Pod Labels", type: "string", description: "Labels that the template's pods get." },
    ],
    cells: ({ metadata, template }) => [
      metadata?.name ?? "",
      ...containerCells(template),
      formatLabels(template?.metadata?.labels),
    ],
  },
});
