import { describe, expect, it } from "vitest";
import type { KubeObject } from "../../../api/machinery/object.ts";
import { storageVersionHash } from "./storage-version-hash.ts";
import { tableOf } from "./printer-columns.ts";

const now = Date.UTC(2026, 0, 1, 0, 5);
const object = {
  metadata: { name: "a", creationTimestamp: "2026-01-01T00:00:00Z" },
  spec: {
    text: "t",
    whole: 3,
    real: 2.75,
    tiny: 0.00001,
    huge: 12345678901234567890n,
    yes: true,
    none: null,
    list: [1, "b", null],
    map: { b: { c: 1 }, a: "x" },
    when: "2026-01-01T00:04:30Z",
  },
} as KubeObject;

describe("a cell", () => {
  it.each<[string, string, unknown]>([
    ["string", "text", "t"],
    ["string", "whole", "3"],
    ["string", "real", "2.75"],
    ["string", "tiny", "1e-05"],
    ["string", "huge", "12345678901234567890"],
    ["string", "yes", "true"],
    ["string", "none", "<no value>"],
    ["string", "list", "[1 b <nil>]"],
    ["string", "map", "map[a:x b:map[c:1]]"],
    ["integer", "whole", 3],
    ["integer", "real", 2],
    ["integer", "huge", 12345678901234567890n],
    ["integer", "text", null],
    ["number", "real", 2.75],
    ["number", "whole", 3],
    ["boolean", "yes", true],
    ["boolean", "whole", null],
    ["date", "when", "30s"],
    ["date", "text", "<invalid>"],
    ["date", "whole", null],
    ["string", "absent", null],
  ])("of type %s shows %s", (type, field, expected) => {
    const table = tableOf([{ name: "X", type, jsonPath: `.spec.${field}` }]);
    expect(table.cells(object, { now })).toEqual(["a", expected]);
  });

  it("is the age when a version has no columns", () => {
    expect(tableOf().columns.map(({ name }) => name)).toEqual(["Name", "Age"]);
    expect(tableOf().cells(object, { now })).toEqual(["a", "5m"]);
  });

  it("comes before the first path that is none", () => {
    const column = { name: "X", type: "string", jsonPath: ".spec.text" };
    const table = tableOf([column, { ...column, jsonPath: ".spec[" }, column]);
    expect(table.columns.map(({ name }) => name)).toEqual(["Name", "X"]);
  });
});

describe("the hash of a storage version", () => {
  it("is upstream's", () => {
    expect(storageVersionHash("apps", "v1", "Deployment")).toBe("8aSe+NMegvE=");
  });
});
