import { describe, expect, it } from "vitest";
import type { CustomResourceDefinition, CustomResourceDefinitionSpec } from "../generated/types/apiextensions-v1.ts";
import { describeFieldError } from "../machinery/field-error.ts";
import { sampleWriteContext } from "../row.testing.ts";
import { customResourceDefinitions } from "./custom-resource-definitions.ts";

const context = sampleWriteContext();
const schema = { openAPIV3Schema: { type: "object" } };
const v1 = { name: "v1", served: true, storage: true, schema };
const names = { plural: "boats", singular: "boat", kind: "Boat", listKind: "BoatList" };

function definition(spec: Partial<CustomResourceDefinitionSpec> = {}): CustomResourceDefinition {
  return {
    metadata: { name: "boats.example.com" },
    spec: { group: "example.com", scope: "Namespaced", names, versions: [v1], ...spec },
  };
}

describe("stored versions", () => {
  it("begin with the storage version", () => {
    const object = { ...definition(), status: { storedVersions: ["forged"] } };
    customResourceDefinitions.prepareForCreate?.(object, context);
    expect(object.status.storedVersions).toEqual(["v1"]);
  });

  it("remember each later one", () => {
    const v2 = { ...v1, name: "v2" };
    const object = { ...definition({ versions: [{ ...v1, storage: false }, v2] }), status: { storedVersions: ["v1"] } };
    customResourceDefinitions.prepareForUpdate?.(object, definition(), context);
    expect(object.status.storedVersions).toEqual(["v1", "v2"]);
  });

  it("are the writer's business in the status", () => {
    const object = { ...definition(), status: { storedVersions: [] } };
    customResourceDefinitions.prepareForUpdate?.(object, definition(), sampleWriteContext({ subresource: "status" }));
    expect(object.status.storedVersions).toEqual([]);
  });
});

describe("validation of definitions", () => {
  it.each<[string, Partial<CustomResourceDefinitionSpec>, string[]]>([
    ["a good one", {}, []],
    [
      "another name",
      { names: { ...names, plural: "ships" } },
      ['metadata.name: Invalid value: "boats.example.com": must be spec.names.plural+"."+spec.group'],
    ],
    [
      "one kind for two",
      { names: { ...names, listKind: "Boat" } },
      ['spec.names.listKind: Invalid value: "Boat": kind and listKind may not be the same'],
    ],
    [
      "an unknown scope",
      { scope: "Galaxy" },
      ['spec.scope: Unsupported value: "Galaxy": supported values: "Cluster", "Namespaced"'],
    ],
    [
      "no schema",
      { versions: [{ name: "v1", served: true, storage: true }] },
      ["spec.versions[0].schema.openAPIV3Schema: Required value: schemas are required"],
    ],
  ])("judges %s", (_what, spec, expected) => {
    const found = customResourceDefinitions.validate?.(definition(spec), context) ?? [];
    expect(found.map((one) => `${one.field}: ${describeFieldError(one)}`)).toEqual(expected);
  });

  it.each<[string, CustomResourceDefinitionSpec["versions"], string]>([
    ["no storage version", [{ ...v1, storage: false }], "must have exactly one version marked as storage version"],
    ["two storage versions", [v1, { ...v1, name: "v2" }], "must have exactly one version marked as storage version"],
    ["a version twice", [v1, { ...v1, storage: false }], "must contain unique version names"],
  ])("refuses %s", (_what, versions, detail) => {
    const found = customResourceDefinitions.validate?.(definition({ versions }), context) ?? [];
    expect(found.map((one) => one.detail)).toEqual([detail]);
  });

  it("guards the groups of Kubernetes itself", () => {
    const own = definition({ group: "boats.k8s.io" });
    own.metadata = { name: "boats.boats.k8s.io" };
    expect(customResourceDefinitions.validate?.(own, context)).toMatchObject([
      { type: "Required", field: "metadata.annotations[api-approved.kubernetes.io]" },
    ]);
    own.metadata.annotations = { "api-approved.kubernetes.io": "unapproved, experimental" };
    expect(customResourceDefinitions.validate?.(own, context)).toEqual([]);
  });

  it("keeps what objects and clients rely on", () => {
    const old = { ...definition(), status: { conditions: [{ type: "Established", status: "True" }] } };
    const changed = definition({ scope: "Cluster", names: { ...names, kind: "Ship" } });
    const fields = (from: CustomResourceDefinition): string[] =>
      (customResourceDefinitions.validateUpdate?.(changed, from, context) ?? []).map(({ field }) => field);
    expect(fields(old)).toEqual(["spec.scope", "spec.names.kind"]);
    expect(fields(definition())).toEqual([]);
  });
});
