import { group } from "./definitions.ts";

/** A definition of more bytes than asked for: many sections of many described fields, as generators make them. */
export function largeDefinition(bytes: number): object {
  const description = "How far the vessel goes before anybody asks where it is, told at length. ".repeat(12);
  const field = { type: "string", maxLength: 64, default: "far", description };
  const fields = Object.fromEntries(Array.from({ length: 40 }, (_, index) => [`field${index}`, field]));
  const section = { type: "object", description, properties: fields };
  const count = Math.ceil(bytes / JSON.stringify(section).length);
  const sections = Object.fromEntries(Array.from({ length: count }, (_, index) => [`section${index}`, section]));
  const openAPIV3Schema = { type: "object", properties: { spec: { type: "object", properties: sections } } };
  return {
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: { name: `arks.${group}`, labels: { suite: "conformance" } },
    spec: {
      group,
      scope: "Namespaced",
      names: { plural: "arks", singular: "ark", kind: "Ark" },
      versions: [{ name: "v1", served: true, storage: true, schema: { openAPIV3Schema } }],
    },
  };
}
