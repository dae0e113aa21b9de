import { describe, expect, it } from "vitest";
import { createCelEnvironment } from "./environment.ts";
import { applyConfigurationOf, applyConfigurationType, jsonPatchesOf, jsonPatchesType } from "./mutation.ts";

const environment = createCelEnvironment({ variables: { object: { type: "dyn" } }, libraries: ["mutation"] });
const object = { spec: { replicas: 2, containers: [{ name: "a" }], "a/b": 1 } };

function apply(text: string): unknown {
  const program = environment.compile(text, { returns: [applyConfigurationType] });
  return applyConfigurationOf(program.evaluate({ object }, { remaining: 1_000_000 }));
}

function patches(text: string): unknown {
  const program = environment.compile(text, { returns: [jsonPatchesType] });
  return jsonPatchesOf(program.evaluate({ object }, { remaining: 1_000_000 }));
}

describe("apply configurations", () => {
  it("become JSON, field by field", () => {
    const text = `Object{
      metadata: Object.metadata{labels: {"a": "b"}},
      spec: Object.spec{
        replicas: object.spec.replicas + 1,
        ?paused: optional.none(),
        containers: object.spec.containers.map(c, Object.spec.containers{name: c.name, image: "x"}),
        timeout: duration("90s"),
      },
    }`;
    expect(apply(text)).toEqual({
      metadata: { labels: { a: "b" } },
      spec: { replicas: 3, containers: [{ name: "a", image: "x" }], timeout: "90s" },
    });
  });

  it("are named after their place", () => {
    expect(() => apply("Object{spec: Object.status{a: 1}}")).toThrow(
      'unexpected type name "Object.status", expected "Object.spec", which matches field name path from root Object type',
    );
  });

  it("are no maps", () => {
    expect(() => apply("{'a': 1}")).toThrow("must evaluate to Object");
  });
});

describe("JSON patches", () => {
  it("become operations", () => {
    const text = `[
      JSONPatch{op: "test", path: "/spec/replicas", value: object.spec.replicas},
      JSONPatch{op: "add", path: "/spec/" + jsonpatch.escapeKey("a/~b"), value: Object.spec{x: [1, 2]}},
      JSONPatch{op: "move", from: "/a", path: "/b"},
    ]`;
    expect(patches(text)).toEqual([
      { op: "test", path: "/spec/replicas", value: 2 },
      { op: "add", path: "/spec/a~1~0b", value: { x: [1, 2] } },
      { op: "move", from: "/a", path: "/b" },
    ]);
  });

  it.each([
    ["[JSONPatch{op: 1}]", "expected type of field 'op' is 'string' but provided type is 'int'"],
    ["[JSONPatch{what: 1}]", "undefined field 'what'"],
  ])("%s", (text, message) => {
    expect(() => patches(text)).toThrow(message);
  });
});

it("knows neither without the library", () => {
  const plain = createCelEnvironment({ variables: {} });
  expect(() => plain.compile("Object{}")).toThrow("undeclared reference to 'Object' (in container '')");
  expect(() => plain.compile("jsonpatch.escapeKey('a')")).toThrow("undeclared reference to 'jsonpatch'");
});
