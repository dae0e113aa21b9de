import type { CustomResourceDefinition, CustomResourceDefinitionSpec } from "../generated/types/apiextensions-v1.ts";

export const boatNames = { plural: "boats", singular: "boat", kind: "Boat", listKind: "BoatList" };

export const v1 = {
  name: "v1",
  served: true,
  storage: true,
  schema: {
    openAPIV3Schema: {
      type: "object",
      properties: {
        spec: { type: "object", properties: { color: { type: "string" }, oars: { type: "integer" } } },
        status: { type: "object", properties: { oars: { type: "integer" } } },
      },
    },
  },
};

/** A good definition, but for what the test says. */
export function boats(spec: Partial<CustomResourceDefinitionSpec> = {}): CustomResourceDefinition {
  const versions = spec.versions ?? [v1];
  return {
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: { name: `boats.${spec.group ?? "example.com"}`, generation: 1 },
    spec: {
      group: "example.com",
      scope: "Namespaced",
      names: boatNames,
      conversion: { strategy: "None" },
      ...spec,
      versions,
    },
    status: { storedVersions: versions.filter(({ storage }) => storage).map(({ name }) => name) },
  };
}
