import { describe, expect, it } from "vitest";
import type { MergeType } from "../merge-type.ts";
import { structuralMergeType } from "./merge-type.ts";
import { parseStructural, type SchemaProps } from "./parse.ts";

const objectMeta: MergeType = { type: "map", member: () => undefined };

function typeOf(schema: SchemaProps): MergeType | undefined {
  return membersOf({ x: schema })("x");
}

function membersOf(properties: Readonly<Record<string, SchemaProps>>): (name: string) => MergeType | undefined {
  const type = structuralMergeType(parseStructural({ type: "object", properties }), objectMeta);
  return type.type === "map" ? (name) => type.member(name) : () => undefined;
}

describe("how custom resources are merged", () => {
  const items: SchemaProps = {
    type: "object",
    properties: { name: { type: "string" }, protocol: { type: "string", default: "TCP" } },
  };

  it.each<[string, SchemaProps, unknown]>([
    ["scalars", { type: "string" }, { type: "atomic" }],
    ["either", { "x-kubernetes-int-or-string": true }, { type: "atomic" }],
    ["lists, unless something else is said", { type: "array", items }, { type: "atomic" }],
    ["sets", { type: "array", items: { type: "string" }, "x-kubernetes-list-type": "set" }, { type: "set" }],
    [
      "list maps",
      {
        type: "array",
        items,
        "x-kubernetes-list-type": "map",
        "x-kubernetes-list-map-keys": ["name", "protocol"],
      },
      { type: "keyedList", keys: ["name", "protocol"], keyDefaults: { protocol: "TCP" }, item: { type: "map" } },
    ],
    ["objects", items, { type: "map" }],
    ["atomic objects", { ...items, "x-kubernetes-map-type": "atomic" }, { type: "atomic" }],
    ["what has no schema", { "x-kubernetes-preserve-unknown-fields": true }, { type: "untyped" }],
    ["objects without a schema", { type: "object", "x-kubernetes-preserve-unknown-fields": true }, { type: "untyped" }],
  ])("%s", (_what, schema, expected) => {
    expect(typeOf(schema)).toMatchObject(expected as object);
  });

  it("have metadata, and so has what is embedded in them", () => {
    const member = membersOf({
      x: { type: "object", "x-kubernetes-embedded-resource": true, "x-kubernetes-preserve-unknown-fields": true },
    });
    expect(member("metadata")).toBe(objectMeta);
    expect(member("kind")).toEqual({ type: "atomic" });
    expect(member("other")).toBeUndefined();
    const embedded = member("x");
    expect(embedded?.type === "map" && embedded.member("metadata")).toBe(objectMeta);
    expect(embedded?.type === "map" && embedded.member("spec")).toEqual({ type: "untyped" });
  });

  it("merge maps by key, and unknown members beside known ones", () => {
    const map = typeOf({ type: "object", additionalProperties: { type: "integer" } });
    expect(map?.type === "map" && map.member("any")).toEqual({ type: "atomic" });
    const open = typeOf({
      type: "object",
      "x-kubernetes-preserve-unknown-fields": true,
      properties: { a: { type: "string" } },
    });
    expect(open?.type === "map" && [open.member("a"), open.member("b")]).toEqual([
      { type: "atomic" },
      { type: "untyped" },
    ]);
  });
});
