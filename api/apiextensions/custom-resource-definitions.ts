import type { CustomResourceDefinition } from "../generated/types/apiextensions-v1.ts";
import { defineResource, type ResourceRow } from "../resource.ts";
import {
  validateCustomResourceDefinition,
  validateCustomResourceDefinitionUpdate,
  validateNewCustomResourceDefinition,
  validateStatus,
} from "./custom-resource-definition-validation.ts";
import { cleanupFinalizer, withCondition } from "./definition.ts";
import { unknownFormats } from "./unknown-formats.ts";

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
  validate(definition, { subresource, operation }) {
    if (subresource === "status") return validateStatus(definition);
    return operation === "create"
      ? validateNewCustomResourceDefinition(definition)
      : validateCustomResourceDefinition(definition);
  },
  validateUpdate: (definition, old, { subresource }) =>
    subresource === "status" ? [] : validateCustomResourceDefinitionUpdate(definition, old),
  warn(definition, old, { subresource }) {
    if (subresource === "status") return [];
    const known = new Set(old === undefined ? [] : unknownFormats(old));
    return unknownFormats(definition)
      .filter((format) => !known.has(format))
      .map((format) => `unrecognized format ${JSON.stringify(format)}`);
  },
  // The first delete always waits: for `markDeleting` to put the finalizer there, and for the instances to be deleted.
  isHeld: ({ metadata }) => metadata?.deletionTimestamp === undefined,
  markDeleting,
});

function markDeleting(definition: CustomResourceDefinition): void {
  const metadata = (definition.metadata ??= {});
  const finalizers = metadata.finalizers ?? [];
  if (!finalizers.includes(cleanupFinalizer)) metadata.finalizers = [...finalizers, cleanupFinalizer];
  const conditions = withCondition(
    definition.status?.conditions ?? [],
    {
      type: "Terminating",
      status: "True",
      reason: "InstanceDeletionPending",
      message: "CustomResourceDefinition marked for deletion; CustomResource deletion will begin soon",
      ...(metadata.generation === undefined ? {} : { observedGeneration: metadata.generation }),
    },
    metadata.deletionTimestamp ?? "",
  );
  definition.status = { ...definition.status, conditions: conditions.map((condition) => ({ ...condition })) };
}

/** A version in which objects may be stored stays listed until someone has rewritten them and takes it out. */
function rememberStorageVersion(definition: CustomResourceDefinition): void {
  const storage = (definition.spec.versions ?? []).find((version) => version.storage)?.name;
  const stored = definition.status?.storedVersions ?? [];
  if (storage === undefined || stored.includes(storage)) return;
  definition.status = { ...definition.status, storedVersions: [...stored, storage] };
}
