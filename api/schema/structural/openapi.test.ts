import { describe, expect, it } from "vitest";
import { listToOpenApi, toOpenApi } from "./openapi.ts";
import type { SchemaProps } from "./parse.ts";

const of = { group: "example.com", version: "v1", kind: "Boat" };
const schema: SchemaProps = {
  type: "object",
  description: "A boat.",
  properties: {
    spec: {
      type: "object",
      required: ["sail", "name"],
      properties: {
        name: { type: "string", maxLength: 5, default: "a" },
        sail: { type: "string", nullable: true },
        port: { "x-kubernetes-int-or-string": true },
        free: { type: "object", "x-kubernetes-preserve-unknown-fields": true, properties: { a: { type: "string" } } },
      },
      oneOf: [{ required: ["name"] }],
    },
    template: { type: "object", "x-kubernetes-embedded-resource": true, properties: { a: { type: "string" } } },
  },
};

describe("what is published of a schema", () => {
  it("is everything in v3", () => {
    const { properties, ...own } = toOpenApi(schema, of, "v3");
    expect(own).toEqual({ type: "object", description: "A boat.", "x-kubernetes-group-version-kind": [of] });
    expect(Object.keys(properties ?? {})).toEqual(["apiVersion", "kind", "metadata", "spec", "template"]);
    expect(properties?.["spec"]).toEqual({
      ...schema.properties?.["spec"],
      properties: {
        ...schema.properties?.["spec"]?.properties,
        port: { "x-kubernetes-int-or-string": true, anyOf: [{ type: "integer" }, { type: "string" }] },
      },
    });
    expect(properties?.["metadata"]?.allOf).toEqual([
      { $ref: "#/components/schemas/io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta" },
    ]);
    expect(properties?.["template"]).toMatchObject({ required: ["kind", "apiVersion"], properties: { metadata: {} } });
  });

  it("is what v2 clients understand in v2", () => {
    expect(toOpenApi(schema, of, "v2").properties?.["spec"]).toEqual({
      type: "object",
      required: ["name"],
      properties: {
        name: { type: "string", maxLength: 5 },
        sail: {},
        port: { "x-kubernetes-int-or-string": true },
        free: { type: "object", "x-kubernetes-preserve-unknown-fields": true },
      },
    });
  });

  it("is next to nothing where anything goes", () => {
    const free: SchemaProps = { ...schema, "x-kubernetes-preserve-unknown-fields": true };
    const nothing = { type: "object", "x-kubernetes-group-version-kind": [of] };
    expect(toOpenApi(undefined, of, "v3")).toEqual(nothing);
    expect(toOpenApi(free, of, "v2")).toEqual(nothing);
    expect(Object.keys(toOpenApi(free, of, "v3").properties ?? {})).toContain("spec");
  });

  it("has a list", () => {
    expect(listToOpenApi(of, "BoatList", "boats", "com.example.v1.Boat")).toMatchObject({
      description: "BoatList is a list of Boat",
      required: ["items"],
      properties: { items: { items: { $ref: "#/components/schemas/com.example.v1.Boat" } } },
      "x-kubernetes-group-version-kind": [{ kind: "BoatList" }],
    });
  });
});
