import fc from "fast-check";
import { expect, it } from "vitest";
import { definition, version } from "./boats.testing.ts";
import { encodeStored } from "../../encoding/stored.ts";
import { withoutSchemas } from "./without-schemas.ts";

const word = fc.oneof(
  fc.string(),
  fc.constantFrom("{", "}", '"', "\\", '\\"', '"schema":{"openAPIV3Schema":{', "schema", "openAPIV3Schema"),
);
const schema = fc.letrec((tie) => ({
  node: fc.record(
    {
      type: fc.constant("object"),
      description: word,
      properties: fc.dictionary(word, tie("node"), { maxKeys: 3 }),
      enum: fc.array(word, { maxLength: 2 }),
    },
    { requiredKeys: [] },
  ),
})).node;

it("leaves everything of a definition but its schemas, whatever stands in these and around them", () => {
  fc.assert(
    fc.property(fc.array(fc.option(schema, { nil: undefined }), { maxLength: 3 }), word, (schemas, text) => {
      const versions = (all: readonly unknown[]): ReturnType<typeof definition> =>
        definition(
          all.map((one, at) =>
            version(`v${at}`, {
              schema: one === undefined ? {} : { openAPIV3Schema: one as object },
              additionalPrinterColumns: [{ name: text, type: "string", jsonPath: text }],
              deprecationWarning: text,
            }),
          ),
        );
      const made = { ...versions(schemas), kind: "CustomResourceDefinition", apiVersion: "apiextensions.k8s.io/v1" };
      made.metadata = { name: "x", annotations: { [text]: JSON.stringify(made), other: text } };
      const expected = { ...made, spec: versions(schemas.map(() => undefined)).spec };
      expect(JSON.parse(withoutSchemas(encodeStored(made)).toString())).toEqual(
        JSON.parse(encodeStored(expected).toString()),
      );
    }),
  );
});

it("ends where the bytes do", () => {
  expect(() => withoutSchemas(Buffer.from('{"schema":{"openAPIV3Schema":{"a":"b\\'))).toThrow(/does not end/);
});
