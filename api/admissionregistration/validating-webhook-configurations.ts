import type { ValidatingWebhookConfiguration } from "../generated/types/admissionregistration-v1.ts";
import { age } from "../machinery/printing/age.ts";
import { ageColumn, nameColumn } from "../machinery/printing/columns.ts";
import { defineResource, type ResourceRow } from "../resource.ts";
import { validateWebhooks } from "./webhook-validation.ts";

export const validatingWebhookConfigurations: ResourceRow = defineResource<ValidatingWebhookConfiguration>({
  group: "admissionregistration.k8s.io",
  version: "v1",
  kind: "ValidatingWebhookConfiguration",
  plural: "validatingwebhookconfigurations",
  categories: ["api-extensions"],
  scope: "Cluster",
  definition: "io.k8s.api.admissionregistration.v1.ValidatingWebhookConfiguration",
  storageVersionHash: "B0wHjQmsGNk=",
  generation: ({ webhooks }) => [webhooks],
  validate: ({ webhooks }) => validateWebhooks(webhooks ?? []),
  table: {
    columns: [
      nameColumn,
      { name: "Webhooks", type: "integer", description: "How many webhooks it configures." },
      ageColumn,
    ],
    cells: ({ metadata, webhooks }, { now }) => [
      metadata?.name ?? "",
      webhooks?.length ?? 0,
      age(metadata?.creationTimestamp, now),
    ],
  },
});
