import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Field, StructType, ValueType } from "../../schema/schema.ts";
import { deepFreeze } from "../clone.ts";
import type { Json } from "../object.ts";
import { ApiError } from "../status.ts";
import { parseYaml } from "../yaml.ts";
import { applyStrategicMergePatch } from "./strategic-merge-patch.ts";

function field(name: string, value: ValueType, more: Partial<Field> = {}): [string, Field] {
  return [name, { name, value, required: false, pointer: false, omitEmpty: true, omitZero: false, ...more }];
}

const merge = { patchStrategy: { merge: true, retainKeys: false } };
const text: ValueType = { type: "string" };
const number: ValueType = { type: "integer", bits: 64 };
const fields = new Map<string, Field>();
/** The type that upstream's tests use, in our terms. */
const item: StructType = { name: "test.MergeItem", atomic: false, fields };
const struct: ValueType = { type: "struct", of: item };
const items: ValueType = { type: "list", of: struct };
for (const [name, definition] of [
  field("name", text),
  field("value", text),
  field("other", text),
  field("mergingList", items, { ...merge, patchMergeKey: "name" }),
  field("nonMergingList", items),
  field("mergingIntList", { type: "list", of: number }, merge),
  field("nonMergingIntList", { type: "list", of: number }),
  field("noKeyList", items, merge),
  field("simpleMap", { type: "map", of: text }),
  field("structMap", { type: "map", of: struct }),
  field("replacingItem", { type: "any", raw: "rawExtension" }, { patchStrategy: { merge: false, retainKeys: false } }),
  field("retainKeysMap", struct, { patchStrategy: { merge: false, retainKeys: true } }),
  field("retainKeysMergingList", items, { patchStrategy: { merge: true, retainKeys: true }, patchMergeKey: "name" }),
  field("any", { type: "any", raw: "none" }),
])
  fields.set(name, definition);

const yaml = (source: string): Json => parseYaml(new TextEncoder().encode(source)).value;

function patched(original: string, patch: string): Json {
  return applyStrategicMergePatch(deepFreeze(yaml(original)), deepFreeze(yaml(patch)), item);
}

function refusal(original: string, patch: string): string {
  try {
    patched(original, patch);
  } catch (thrown) {
    if (thrown instanceof ApiError) return `${thrown.code} ${thrown.message}`;
    throw thrown;
  }
  return "";
}

const cases: [what: string, original: string, patch: string, result: string][] = [
  ["adds a field", "{name: a}", "{value: b}", "{name: a, value: b}"],
  ["changes a field", "{name: a, value: b}", "{value: c}", "{name: a, value: c}"],
  ["deletes a field by null", "{name: a, value: b}", "{name: null, other: null}", "{value: b}"],
  ["deletes from a map", "{simpleMap: {a: x, b: y}}", "{simpleMap: {b: null}}", "{simpleMap: {a: x}}"],
  [
    "merges a map of structs",
    "{structMap: {a: {name: x}}}",
    "{structMap: {a: {value: y}, b: {name: z}}}",
    "{structMap: {a: {name: x, value: y}, b: {name: z}}}",
  ],
  [
    "adds no nulls",
    "{}",
    "{simpleMap: {a: x, b: null}, mergingList: [{name: a, value: null}]}",
    "{simpleMap: {a: x}, mergingList: [{name: a}]}",
  ],
  ["empties a map", "{simpleMap: {a: x, b: y}}", "{simpleMap: {$patch: delete}}", "{simpleMap: {}}"],
  ["replaces a map", "{simpleMap: {a: x, b: y}}", "{simpleMap: {$patch: replace, c: z}}", "{simpleMap: {c: z}}"],
  ["replaces the whole object", "{name: a, value: b}", "{other: c, $patch: replace}", "{other: c}"],
  ["replaces a value of another kind", "{any: {a: 1}}", "{any: [1]}", "{any: [1]}"],
  [
    "merges what has no struct",
    "{any: {a: {b: 1}, c: [1]}}",
    "{any: {a: {d: 2}, c: [2]}}",
    "{any: {a: {b: 1, d: 2}, c: [2]}}",
  ],
  [
    "replaces where the field says so",
    "{replacingItem: {a: 1, b: {c: 2}}}",
    "{replacingItem: {b: {d: 3}}}",
    "{replacingItem: {b: {d: 3}}}",
  ],
  [
    "replaces a list without a strategy",
    "{nonMergingIntList: [1, 2]}",
    "{nonMergingIntList: [2, 3]}",
    "{nonMergingIntList: [2, 3]}",
  ],
  [
    "replaces a list of objects without a strategy",
    "{nonMergingList: [{name: a, value: b}]}",
    "{nonMergingList: [{name: a}]}",
    "{nonMergingList: [{name: a}]}",
  ],
  ["keeps primitives unique", "{mergingIntList: [1, 2]}", "{mergingIntList: [2, 3]}", "{mergingIntList: [1, 2, 3]}"],
  [
    "orders primitives as the patch does",
    "{mergingIntList: [1, 2, 3]}",
    "{mergingIntList: [3, 1]}",
    "{mergingIntList: [2, 3, 1]}",
  ],
  [
    "deletes primitives",
    "{mergingIntList: [1, 2, 3, 3, 4]}",
    "{$setElementOrder/mergingIntList: [1, 2], $deleteFromPrimitiveList/mergingIntList: [3]}",
    "{mergingIntList: [1, 2, 4]}",
  ],
  [
    "adds and deletes primitives",
    "{mergingIntList: [1, 2, 3]}",
    "{$setElementOrder/mergingIntList: [1, 2, 4], $deleteFromPrimitiveList/mergingIntList: [3], mergingIntList: [4]}",
    "{mergingIntList: [1, 2, 4]}",
  ],
  ["deletes primitives from nothing", "{name: a}", "{$deleteFromPrimitiveList/mergingIntList: [3]}", "{name: a}"],
  [
    "merges items by key",
    "{mergingList: [{name: a, other: x}, {name: b}]}",
    "{mergingList: [{name: a, value: 'y'}]}",
    "{mergingList: [{name: a, other: x, value: 'y'}, {name: b}]}",
  ],
  [
    "puts new items first",
    "{mergingList: [{name: a}]}",
    "{mergingList: [{name: b}]}",
    "{mergingList: [{name: b}, {name: a}]}",
  ],
  [
    "orders items as the patch does",
    "{mergingList: [{name: '1'}, {name: '2'}, {name: '3'}]}",
    "{mergingList: [{name: '3', value: c}, {name: '1'}]}",
    "{mergingList: [{name: '2'}, {name: '3', value: c}, {name: '1'}]}",
  ],
  [
    "orders items by $setElementOrder",
    "{mergingList: [{name: '1', other: a}, {name: '2'}]}",
    "{$setElementOrder/mergingList: [{name: '4'}, {name: '1'}, {name: '2'}, {name: '3'}], mergingList: [{name: '4'}, {name: '3'}]}",
    "{mergingList: [{name: '4'}, {name: '1', other: a}, {name: '2'}, {name: '3'}]}",
  ],
  [
    "orders without a change",
    "{mergingIntList: [1, 3]}",
    "{$setElementOrder/mergingIntList: [3, 2, 1]}",
    "{mergingIntList: [3, 1]}",
  ],
  [
    "keeps server items in their place",
    "{mergingList: [{name: '1'}, {name: s}, {name: '2'}]}",
    "{$setElementOrder/mergingList: [{name: '2'}, {name: '1'}]}",
    "{mergingList: [{name: s}, {name: '2'}, {name: '1'}]}",
  ],
  [
    "deletes an item",
    "{mergingList: [{name: a}, {name: b, other: x}]}",
    "{$setElementOrder/mergingList: [{name: b}], mergingList: [{name: a, $patch: delete}]}",
    "{mergingList: [{name: b, other: x}]}",
  ],
  [
    "deletes equal items together",
    "{mergingList: [{name: a}, {name: a}, {name: b}]}",
    "{mergingList: [{name: a, $patch: delete}]}",
    "{mergingList: [{name: b}]}",
  ],
  [
    "deletes an item that is not there",
    "{mergingList: [{name: b}]}",
    "{mergingList: [{name: a, $patch: delete}]}",
    "{mergingList: [{name: b}]}",
  ],
  [
    "deletes from no list",
    "{name: x}",
    "{mergingList: [{name: a, $patch: delete}, {name: b}]}",
    "{name: x, mergingList: [{name: b}]}",
  ],
  [
    "adds and deletes items",
    "{mergingList: [{name: '1'}, {name: '2', other: b}, {name: '4', other: c}]}",
    "{$setElementOrder/mergingList: [{name: '2'}, {name: '3'}], mergingList: [{name: '3'}, {name: '1', $patch: delete}]}",
    "{mergingList: [{name: '2', other: b}, {name: '3'}, {name: '4', other: c}]}",
  ],
  ["empties a list", "{mergingList: [{name: a}]}", "{mergingList: [{$patch: replace}]}", "{mergingList: []}"],
  [
    "replaces a list",
    "{mergingList: [{name: a}, {name: b}]}",
    "{mergingList: [{name: c}, {$patch: replace}, {name: d}]}",
    "{mergingList: [{name: c}, {name: d}]}",
  ],
  [
    "merges nested lists",
    "{mergingList: [{name: a, mergingList: [{name: x}, {name: 'y', value: v}]}]}",
    "{mergingList: [{name: a, $setElementOrder/mergingList: [{name: x}, {name: 'y'}], mergingList: [{name: x, value: w}]}]}",
    "{mergingList: [{name: a, mergingList: [{name: x, value: w}, {name: 'y', value: v}]}]}",
  ],
  [
    "deletes a field of an item",
    "{mergingList: [{name: a, value: x}]}",
    "{mergingList: [{name: a, value: null}]}",
    "{mergingList: [{name: a}]}",
  ],
  ["merges two empty lists", "{mergingList: []}", "{mergingList: []}", "{mergingList: []}"],
  ["ignores an order of nothing", "{name: a}", "{$setElementOrder/mergingList: [{name: b}]}", "{name: a}"],
  [
    "retains the keys that are named",
    "{retainKeysMap: {name: a, value: b, other: c}}",
    "{retainKeysMap: {$retainKeys: [name, value], value: d}}",
    "{retainKeysMap: {name: a, value: d}}",
  ],
  [
    "retains all without the directive",
    "{retainKeysMap: {name: a}}",
    "{retainKeysMap: {value: b}}",
    "{retainKeysMap: {name: a, value: b}}",
  ],
  [
    "retains keys within an item",
    "{retainKeysMergingList: [{name: a, value: b}]}",
    "{$setElementOrder/retainKeysMergingList: [{name: a}], retainKeysMergingList: [{name: a, $retainKeys: [name, other], other: c}]}",
    "{retainKeysMergingList: [{name: a, other: c}]}",
  ],
  [
    "leaves no directive in what it adds",
    "{}",
    "{retainKeysMap: {$retainKeys: [name], name: a}, $setElementOrder/mergingList: [{name: b}], mergingList: [{name: b, $setElementOrder/mergingIntList: [1], mergingIntList: [1], $deleteFromPrimitiveList/mergingIntList: [2]}]}",
    "{retainKeysMap: {name: a}, mergingList: [{name: b, mergingIntList: [1]}]}",
  ],
  ["adds nothing that is marked", "{}", "{simpleMap: {$patch: delete}, name: a}", "{name: a}"],
];

describe("a strategic merge patch", () => {
  it.each(cases)("%s", (_what, original, patch, result) => {
    // As text: the order of lists counts, and so does that nothing but the result is there.
    expect(patched(original, patch)).toEqual(yaml(result));
  });

  it.each([
    [
      "an unknown directive",
      "{simpleMap: {a: b}}",
      "{simpleMap: {$patch: explode}}",
      /^400 unknown patch type: explode in map: map\[\$patch:explode\]$/,
    ],
    [
      "an unknown directive in a list",
      "{mergingList: [{name: a}]}",
      "{mergingList: [{name: a, $patch: explode}]}",
      /^400 unknown patch type: explode/,
    ],
    [
      "$patch: merge in a list",
      "{mergingList: [{name: a}]}",
      "{mergingList: [{name: a, $patch: merge}]}",
      /^400 merging lists cannot yet be specified in the patch$/,
    ],
    [
      "an item without its merge key",
      "{mergingList: [{name: a, value: b}]}",
      "{mergingList: [{value: c}]}",
      /^400 map: map\[value:c\] does not contain declared merge key: name$/,
    ],
    [
      "an order that is not the patch's",
      "{mergingList: [{name: a}, {name: b}]}",
      "{$setElementOrder/mergingList: [{name: a}, {name: b}], mergingList: [{name: b}, {name: a}]}",
      /doesn't match \$setElementOrder list/,
    ],
    [
      "a primitive that the order does not name",
      "{mergingIntList: [1]}",
      "{$setElementOrder/mergingIntList: [1], mergingIntList: [2]}",
      /doesn't match/,
    ],
    [
      "an order that is no list",
      "{mergingList: []}",
      "{$setElementOrder/mergingList: 1}",
      /^400 invalid patch format of setElementOrder list$/,
    ],
    [
      "retained keys that are no list",
      "{retainKeysMap: {name: a}}",
      "{retainKeysMap: {$retainKeys: name}}",
      /^400 invalid patch format of retainKeys$/,
    ],
    [
      "content beyond the retained keys",
      "{retainKeysMap: {name: a}}",
      "{retainKeysMap: {$retainKeys: [name], value: b}}",
      /^400 invalid patch format of retainKeys$/,
    ],
    [
      "a deletion that is no list",
      "{mergingIntList: [1]}",
      "{$deleteFromPrimitiveList/mergingIntList: 1}",
      /^400 invalid patch format of primitive list$/,
    ],
    [
      "a merge without a merge key",
      "{noKeyList: [{name: a}]}",
      "{noKeyList: [{name: b}]}",
      /^400 cannot merge lists without merge key/,
    ],
    ["a mixed list", "{mergingList: [{name: a}]}", "{mergingList: [1]}", /^400 /],
    ["lists of lists", "{mergingList: [{name: a}]}", "{mergingList: [[1]]}", /^400 lists of lists are not supported$/],
    ["a patch that is no object", "{}", "[1]", /^400 invalid JSON document$/],
  ])("refuses %s", (_what, original, patch, message) => expect(refusal(original, patch)).toMatch(message));

  it("takes odd keys as data", () => {
    const patch = JSON.parse('{"simpleMap":{"__proto__":"x","constructor":"y"}}') as Json;
    const result = applyStrategicMergePatch({ simpleMap: { a: "b" } }, patch, item);
    expect(JSON.stringify(result)).toBe('{"simpleMap":{"a":"b","__proto__":"x","constructor":"y"}}');
    expect(Object.getPrototypeOf(result["simpleMap"])).toBe(Object.prototype);
  });

  it("takes long lists in stride", () => {
    const list = (value: string): Json => Array.from({ length: 20_000 }, (_, index) => ({ name: `n${index}`, value }));
    const result = applyStrategicMergePatch({ mergingList: list("a") }, { mergingList: list("b") }, item);
    expect(result).toEqual({ mergingList: list("b") });
  });

  it("sets primitives as a set, and is idempotent", () => {
    const numbers = fc.uniqueArray(fc.nat({ max: 20 }));
    fc.assert(
      fc.property(numbers, numbers, (server, wanted) => {
        const patch = {
          mergingIntList: wanted.filter((one) => !server.includes(one)),
          "$deleteFromPrimitiveList/mergingIntList": server.filter((one) => !wanted.includes(one)),
          "$setElementOrder/mergingIntList": wanted,
        };
        const once = applyStrategicMergePatch({ mergingIntList: server }, patch, item);
        expect(once).toEqual({ mergingIntList: wanted });
        expect(applyStrategicMergePatch(once, patch, item)).toEqual(once);
      }),
    );
  });
});
