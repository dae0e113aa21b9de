import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { type DefinitionDigest, type Digest, digestOf, type OperationDigest, textDigest } from "./digest.ts";
import type { OpenApiSchema } from "./document.ts";
import type { OpenApiV2 } from "./v2.ts";

const read = (name: string): unknown => JSON.parse(readFileSync(new URL(name, import.meta.url), "utf8"));
const reference = read("./reference-digest.json") as Digest;
const published = read("../generated/openapi/swagger.json") as OpenApiV2;
const ours = digestOf({ ...published, definitions: withoutEnums(published.definitions) });

/** Differences that are right, with their reasons. */
const allowed = {
  /** Alpha gates, off by default: CBOREncoding, and sharded lists and watches. The reference was made with all gates on. */
  mediaTypes: ["application/cbor", "application/cbor-seq", "application/apply-patch+cbor"],
  parameters: [/^query shardSelector:/],
  /** client-node has no text of scalars that are definitions: theirs are our own sentences. */
  ownTexts: new Set([
    "io.k8s.apimachinery.pkg.apis.meta.v1.Time",
    "io.k8s.apimachinery.pkg.apis.meta.v1.FieldsV1",
    "io.k8s.apimachinery.pkg.apis.meta.v1.Patch",
    "io.k8s.apimachinery.pkg.api.resource.Quantity",
    "io.k8s.apimachinery.pkg.runtime.RawExtension",

    "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSONSchemaPropsOrStringArray",
    "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.CustomResourceSubresourceStatus",
  ]),
};

describe("the published OpenAPI document", () => {
  it("has the reference's paths and no others", () => {
    expect(Object.keys(ours.paths).sort()).toEqual(Object.keys(reference.paths).sort());
  });

  it.each(Object.keys(reference.paths))("describes %s as the reference does", (path) => {
    expect(withSets(ours, path)).toEqual(withoutAlpha(withSets(reference, path)));
  });

  it("has the reference's definitions and no others", () => {
    expect(Object.keys(ours.definitions).sort()).toEqual(Object.keys(reference.definitions).sort());
  });

  it.each(Object.keys(reference.definitions))("defines %s as the reference does", (name) => {
    const own = ours.definitions[name] ?? { type: "missing" };
    expect(own).toEqual(withOurTexts(name, reference.definitions[name] ?? { type: "missing" }, own));
  });

  it("lists the values of enumerated fields, which the reference leaves out", () => {
    const policy = published.definitions["io.k8s.api.core.v1.PodSpec"]?.properties?.restartPolicy;
    expect(policy?.enum).toEqual(["Always", "Never", "OnFailure"]);
    expect(policy?.description).toContain('Possible enum values:\n - `"Always"`');
  });
});

type Listed = "parameters" | "consumes" | "produces" | "responses";
type FullOperation = Omit<OperationDigest, Listed> & Record<Listed, readonly string[]>;

function withSets(digest: Digest, path: string): Record<string, FullOperation> {
  const set = (index: number): readonly string[] => digest.sets[index] ?? [];
  return Object.fromEntries(
    Object.entries(digest.paths[path] ?? {}).map(([method, operation]): [string, FullOperation] => [
      method,
      {
        ...operation,
        parameters: set(operation.parameters),
        consumes: set(operation.consumes),
        produces: set(operation.produces),
        responses: set(operation.responses),
      },
    ]),
  );
}

function withoutAlpha(operations: Readonly<Record<string, FullOperation>>): Record<string, FullOperation> {
  const stable = (types: readonly string[]): readonly string[] =>
    types.filter((type) => !allowed.mediaTypes.includes(type));
  return Object.fromEntries(
    Object.entries(operations).map(([method, operation]): [string, FullOperation] => [
      method,
      {
        ...operation,
        parameters: operation.parameters.filter(
          (parameter) => !allowed.parameters.some((alpha) => alpha.test(parameter)),
        ),
        consumes: stable(operation.consumes),
        produces: stable(operation.produces),
      },
    ]),
  );
}

/** Takes our text where it is our own, or that of the definition which a field refers to. */
function withOurTexts(name: string, expected: DefinitionDigest, own: DefinitionDigest): DefinitionDigest {
  const { text, fields, ...rest } = expected;
  const definitionText = allowed.ownTexts.has(name) ? own.text : text;
  const compared = Object.entries(fields ?? {}).map(([field, [type, fieldText, ...extensions]]) => {
    const ownText = own.fields?.[field]?.[1] ?? "";
    const standsIn = type.startsWith("#") && ownText === ours.definitions[type.slice(1)]?.text;
    return [field, [type, standsIn ? ownText : fieldText, ...extensions]];
  });
  return {
    ...rest,
    ...(definitionText !== undefined && { text: definitionText }),
    ...(fields && { fields: Object.fromEntries(compared) }),
  };
}

/** The reference was made with the gate OpenAPIEnums off. */
function withoutEnums(definitions: OpenApiV2["definitions"]): OpenApiV2["definitions"] {
  const plain = (schema: OpenApiSchema): OpenApiSchema => ({
    ...schema,
    ...(schema.description !== undefined && {
      description: schema.description.replace(/\n\nPossible enum values:\n[^]*$/, ""),
    }),
    ...(schema.properties && {
      properties: Object.fromEntries(Object.entries(schema.properties).map(([name, field]) => [name, plain(field)])),
    }),
  });
  return Object.fromEntries(Object.entries(definitions).map(([name, schema]) => [name, plain(schema)]));
}

it("texts are compared without their line breaks", () => {
  expect(textDigest("a\n\nb")).toBe(textDigest("a b"));
  expect(textDigest("a b")).not.toBe(textDigest("a c"));
});
