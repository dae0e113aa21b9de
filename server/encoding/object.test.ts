import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { parseYaml } from "../../api/machinery/yaml.ts";
import type { KubeObject } from "../../api/machinery/object.ts";
import { encodeObject } from "./object.ts";

const yamlOf = async (object: object): Promise<string> =>
  (await encodeObject(object as KubeObject, { mediaType: "yaml", pretty: false })).toString();

describe("YAML answers", () => {
  const texts = [
    "yes",
    "No",
    "on",
    "~",
    "null",
    "<<",
    "=",
    "0o14",
    "014",
    "0x1F",
    "1e3",
    "1:30",
    "2001-01-01",
    "1_000",
    ".inf",
    "",
    " ",
    "a: b",
    "# no",
    "- x",
    "multi\nline\n",
    "tab\t",
    "bell\u0007",
    "next\u0085line",
    "\u2028",
    "é",
    "\u{1f600}",
  ];

  it("give every text back as it was, also as a key", async () => {
    const object = Object.fromEntries(texts.map((text) => [text, text]));
    expect(parseYaml(Buffer.from(await yamlOf({ texts }))).value).toEqual({ texts });
    expect(parse(await yamlOf({ data: object }), { version: "1.1" })).toEqual({ data: object });
  });

  it("give any object back", async () => {
    const values = fc.letrec((tie) => ({
      value: fc.oneof(
        { maxDepth: 3 },
        fc.string({ unit: "grapheme" }),
        fc.constantFrom(...texts),
        fc.integer(),
        fc.boolean(),
        fc.bigInt({ min: 2n ** 60n, max: 2n ** 63n - 1n }),
        fc.array(tie("value"), { maxLength: 3 }),
        fc.dictionary(fc.string(), tie("value"), { maxKeys: 3 }),
      ),
    })).value;
    await fc.assert(
      fc.asyncProperty(values, async (value) => {
        expect(parseYaml(Buffer.from(await yamlOf({ value }))).value).toEqual({ value });
      }),
    );
  });

  it("read well where nothing speaks against it", async () => {
    expect(await yamlOf({ kind: "ConfigMap", data: { script: "one\ntwo\n", on: "yes" } })).toBe(
      'data:\n  "on": "yes"\n  script: |\n    one\n    two\nkind: ConfigMap\n',
    );
  });
});
