import { describe, expect, it } from "vitest";
import { compileJsonPath, JsonPathError } from "./json-path.ts";

const object = {
  spec: {
    replicas: 3,
    "a.b": "dotted",
    empty: "",
    off: false,
    nothing: null,
    ports: [{ name: "http", port: 80 }, { name: "https", port: 443 }, { port: 9000 }],
  },
  status: {
    conditions: [
      { type: "Available", status: "False" },
      { type: "Ready", status: "True" },
    ],
  },
};

describe("a path", () => {
  it.each<[string, readonly unknown[] | undefined]>([
    [".spec.replicas", [3]],
    ["$.spec.replicas", [3]],
    [".spec['a.b']", ["dotted"]],
    ['.spec["a.b"]', ["dotted"]],
    [".spec.a\\.b", ["dotted"]],
    [".spec.empty", [""]],
    [".spec.off", [false]],
    [".spec.nothing", [null]],
    [".spec.nothing.deeper", []],
    [".spec.absent.deeper", []],
    [".spec.constructor", []],
    [".spec.__proto__", []],
    [".spec.ports[0].name", ["http"]],
    [".spec.ports[-1].port", [9000]],
    [".spec.ports[1:].port", [443, 9000]],
    [".spec.ports[:-1].port", [80, 443]],
    [".spec.ports[0:3:2].port", [80, 9000]],
    [".spec.ports[*].name", ["http", "https"]],
    [".spec.ports[3]", undefined],
    [".spec.replicas[0]", undefined],
    [".status.*[0].type", ["Available"]],
    ['.status.conditions[?(@.type=="Ready")].status', ["True"]],
    [".status.conditions[?(@.type == 'Ready' )].status", ["True"]],
    [".spec.ports[?(@.port>100)].port", [443, 9000]],
    [".spec.ports[?(@.port!=80)].port", [443, 9000]],
    [".spec.ports[?(@.name)].port", [80, 443]],
    ['.spec.ports[?(@.name=="http")].port', undefined],
    [".spec.replicas[?(@.a)]", undefined],
    ["..port", [80, 443, 9000]],
    [".spec['replicas','a.b']", [3, "dotted"]],
    [".", [object]],
  ])("%s finds %j", (path, expected) => {
    expect(compileJsonPath(path)(object)).toEqual(expected);
  });

  it.each([".spec[", ".spec[a]", ".spec[?(@.a", ".spec]", "spec", ".spec[?(a)]", ".a[::0]", `.${"a".repeat(5000)}`])(
    "refuses %s",
    (path) => {
      expect(() => compileJsonPath(path)).toThrow(JsonPathError);
    },
  );
});
