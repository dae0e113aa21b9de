import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeFieldsV1, encodeFieldsV1, storedFieldsV1 } from "./fields-v1.ts";
import {
  differenceOf,
  equalSets,
  fieldSetOf,
  hasPath,
  intersectionOf,
  leavesOf,
  pathsOf,
  recursiveDifferenceOf,
  unionOf,
  type FieldSet,
} from "./field-set.ts";
import { describePath } from "./path-element.ts";
import { TypedError } from "./typed-error.ts";

const element = fc.constantFrom("f:a", "f:b", 'k:{"name":"x"}', "v:1", 'v:"1"', "i:2");
const fieldSet = fc
  .array(fc.array(element, { minLength: 1, maxLength: 3 }), { maxLength: 8 })
  .map((paths) => fieldSetOf(...paths));
const texts = (set: FieldSet): string[] => pathsOf(set).map((path) => path.join(" "));

describe("fieldsV1", () => {
  it("marks what is owned itself and has fields below with a dot, in upstream's order", () => {
    const set = fieldSetOf(
      ["f:spec", "v:10"],
      ["f:spec", 'v:"a"'],
      ["f:spec", "v:2"],
      ["f:spec", "v:true"],
      ["f:spec", "i:1"],
      ["f:spec", 'k:{"name":"b c"}'],
      ["f:spec", 'k:{"name":"b"}', "f:name"],
      ["f:spec", 'k:{"name":"b"}'],
      ["f:spec", "f:z"],
      ["f:metadata", "f:labels", "f:app"],
    );
    expect(JSON.stringify(encodeFieldsV1(set))).toBe(
      '{"f:metadata":{"f:labels":{"f:app":{}}},"f:spec":{"f:z":{},"k:{\\"name\\":\\"b\\"}":{".":{},"f:name":{}},"k:{\\"name\\":\\"b c\\"}":{},"v:2":{},"v:10":{},"v:\\"a\\"":{},"v:true":{},"i:1":{}}}',
    );
  });

  it.each<[what: string, fields: unknown]>([
    ["nothing before the colon", { ":a": {} }],
    ["no colon", { spec: {} }],
    ["too short", { f: {} }],
    ["a key that is no object", { "k:[1]": {} }],
    ["a key that is no JSON", { 'k:{"a"': {} }],
    ["a value that is no JSON", { "v:a": {} }],
    ["a place that is no number", { "i:x": {} }],
    ["a leaf that is no object", { "f:a": 1 }],
    ["a list", []],
  ])("is refused: %s", (_what, fields) => {
    expect(() => decodeFieldsV1(fields as never)).toThrow(TypedError);
  });

  it("leaves out elements of a kind that is not known yet, and takes keys in any order", () => {
    const set = decodeFieldsV1({ "x:future": { "f:a": {} }, 'k:{"b":1,"a":"\\u0061"}': { ".": {} }, "f:null": null });
    expect(texts(set)).toEqual(["f:null", 'k:{"a":"a","b":1}']);
  });

  it("keeps integers beyond 2^53", () => {
    expect(texts(decodeFieldsV1({ "v:9007199254740993": {} }))).toEqual(["v:9007199254740993"]);
  });

  it("comes back as it went", () => {
    fc.assert(
      fc.property(fieldSet, (set) => {
        const encoded = encodeFieldsV1(set);
        expect(equalSets(decodeFieldsV1(encoded), set)).toBe(true);
        expect(equalSets(storedFieldsV1(encoded), set)).toBe(true);
        expect(JSON.stringify(encodeFieldsV1(storedFieldsV1(encoded)))).toBe(JSON.stringify(encoded));
      }),
    );
  });
});

describe("field sets", () => {
  it("join, meet and subtract as sets of paths", () => {
    fc.assert(
      fc.property(fieldSet, fieldSet, (a, b) => {
        const [inA, inB] = [new Set(texts(a)), new Set(texts(b))];
        const sorted = (of: Iterable<string>): string[] => [...of].sort();
        expect(texts(unionOf(a, b)).sort()).toEqual(sorted(new Set([...inA, ...inB])));
        expect(texts(intersectionOf(a, b)).sort()).toEqual(sorted([...inA].filter((path) => inB.has(path))));
        expect(texts(differenceOf(a, b)).sort()).toEqual(sorted([...inA].filter((path) => !inB.has(path))));
        expect(texts(recursiveDifferenceOf(a, b)).sort()).toEqual(
          sorted([...inA].filter((path) => ![...inB].some((gone) => path === gone || path.startsWith(`${gone} `)))),
        );
        for (const path of pathsOf(a)) expect(hasPath(a, path)).toBe(true);
      }),
    );
  });

  it("answer themselves when an operation leaves them as they are", () => {
    fc.assert(
      fc.property(fieldSet, (a) => {
        expect(unionOf(a, a)).toBe(a);
        expect(differenceOf(a, fieldSetOf(["f:other"]))).toBe(a);
        expect(recursiveDifferenceOf(a, fieldSetOf(["f:other"]))).toBe(a);
        expect(unionOf(a, decodeFieldsV1(encodeFieldsV1(a)))).toBe(a);
      }),
    );
  });

  it("know their leaves, and say paths as upstream does", () => {
    const set = fieldSetOf(["f:a"], ["f:a", 'k:{"name":"x","port":80}'], ["f:a", 'k:{"name":"x","port":80}', "v:true"]);
    expect(pathsOf(leavesOf(set)).map(describePath)).toEqual(['.a[name="x",port=80][=true]']);
  });
});
