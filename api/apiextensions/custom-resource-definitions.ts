import type { CustomResourceDefinition } from "../generated/types/apiextensions-v1.ts";
import { defineResource, type ResourceRow } from "../resource.ts";
import {
  validateCustomResourceDefinition,
  validateCustomResourceDefinitionUpdate,
} from "./custom-resource-definition-validation.ts";

export const customResourceDefinitions: ResourceRow = defineResource<CustomResourceDefinition>({
  group: "apiextensions.k8s.io",
  version: "v1",
  kind: "CustomResourceDefinition",
  plural: "customresourcedefinitions",
  shortNames: ["crd", "crds"],
  categories: ["api-extensions"],
  scope: "Cluster",
  definition: "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.CustomResourceDefinition",
  subresources: [{ name: "status", verbs: ["get", "patch", "update"] }],
  storagePrefix: "apiextensions.k8s.io/customresourcedefinitions",
  storageVersionHash: "jfWCUB31mvA=",
  generation: ({ spec }) => [spec],
  reset: { main: ["status"], status: ["metadata", "spec"] },
  prepareForCreate(definition) {
    definition.status = { ...definition.status, storedVersions: [] };
    rememberStorageVersion(definition);
  },
  prepareForUpdate(definition, _old, { subresource }) {
    if (subresource === "") rememberStorageVersion(definition);
  },
  validate: (definition, { subresource }) =>
    subresource === "status" ? [] : validateCustomResourceDefinition(definition),
  validateUpdate: validateCustomResourceDefinitionUpdate,
});

/** A version in which objects may be stored stays listed until someone has rewritten them and takes it out. */
function rememberStorageVersion(definition: CustomResourceDefinition): void {
  const storage = (definition.spec.versions ?? []).find((version) => version.storage)?.name;
  const stored = definition.status?.storedVersions ?? [];
  if (storage === undefined || stored.includes(storage)) return;
  definition.status = { ...definition.status, storedVersions: [...stored, storage] };
}
