import type { MutatingWebhookConfiguration } from "../generated/types/admissionregistration-v1.ts";
import { oneOf } from "../machinery/findings.ts";
import { age } from "../machinery/printing/age.ts";
import { ageColumn, nameColumn } from "../machinery/printing/columns.ts";
import { defineResource, type ResourceRow } from "../resource.ts";
import { validateWebhooks } from "./webhook-validation.ts";

export const mutatingWebhookConfigurations: ResourceRow = defineResource<MutatingWebhookConfiguration>({
  group: "admissionregistration.k8s.io",
  version: "v1",
  kind: "MutatingWebhookConfiguration",
  plural: "mutatingwebhookconfigurations",
  categories: ["api-extensions"],
  scope: "Cluster",
  definition: "io.k8s.api.admissionregistration.v1.MutatingWebhookConfiguration",
  storageVersionHash: "Sqi0GUgDaX0=",
  generation: ({ webhooks }) => [webhooks],
  validate: ({ webhooks }) => [
    ...validateWebhooks(webhooks ?? []),
    ...(webhooks ?? []).flatMap(({ reinvocationPolicy }, index) =>
      oneOf(`webhooks[${index}].reinvocationPolicy`, reinvocationPolicy, ["IfNeeded", "Never"]),
    ),
  ],
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
