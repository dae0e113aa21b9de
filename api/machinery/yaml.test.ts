import { describe, expect, it } from "vitest";
import { stringifyJson } from "./json.ts";
import { ApiError } from "./status.ts";
import { parseYaml } from "./yaml.ts";

const parse = (text: string) => parseYaml(new TextEncoder().encode(text));
const value = (text: string): unknown => parse(text).value;

function refusal(text: string): string {
  try {
    parse(text);
  } catch (thrown) {
    if (thrown instanceof ApiError && thrown.reason === "BadRequest") return thrown.message;
    throw thrown;
  }
  return "";
}

describe("scalars", () => {
  it.each([
    ["yes", true],
    ["On", true],
    ["y", true],
    ["no", false],
    ["OFF", false],
    ["~", null],
    ["", null],
    ["'yes'", "yes"],
    ['"1"', "1"],
    ["12", 12],
    ["-12", -12],
    ["+12", 12],
    ["010", 8],
    ["0o10", 8],
    ["0x1F", 31],
    ["0b101", 5],
    ["1_000", 1000],
    ["9007199254740993", 9007199254740993n],
    ["1.5", 1.5],
    [".5", 0.5],
    ["1e3", 1000],
    ["089", 89],
    ["1:30", "1:30"],
    ["2026-01-02", "2026-01-02"],
    ["2026-01-02T03:04:05Z", "2026-01-02T03:04:05Z"],
    ["1.2.3", "1.2.3"],
    ["100m", "100m"],
    ["-", "-"],
    ["!!str 12", "12"],
    ["!!int '12'", 12],
    ["!custom 12", "12"],
    ["|\n  a\n  b\n", "a\nb\n"],
  ])("%j has its meaning", (text, expected) => {
    const wrapped = text === "-" ? value("a: '-'") : value(`a: ${text}`);
    expect(wrapped).toEqual({ a: expected });
  });

  it.each([".inf", "-.inf", ".nan", "1e999"])("%s has no JSON", (text) =>
    expect(refusal(`a: ${text}`)).toMatch(/^yaml: json: unsupported value/),
  );
});

describe("documents", () => {
  it("may be JSON", () => {
    expect(value('{"a": [1, "x", {"b": null}], "c": true}')).toEqual({ a: [1, "x", { b: null }], c: true });
  });

  it("have string keys", () => expect(value("1: a\nyes: b\n1.5: c")).toEqual({ "1": "a", true: "b", "1.5": "c" }));

  it("may stand between separators", () => {
    expect(value("---\na: 1\n")).toEqual({ a: 1 });
    expect(value("---\na: 1\n---\n")).toEqual({ a: 1 });
    expect(value("")).toBeNull();
    expect(refusal("a: 1\n---\nb: 1")).toBe("yaml: the body has more than one document");
  });

  it("take odd keys as data", () => {
    const parsed = value("__proto__:\n  x: 1\nconstructor: 2");
    expect(stringifyJson(parsed)).toBe('{"__proto__":{"x":1},"constructor":2}');
  });

  it("name the line of an error", () => {
    expect(refusal("a: 1\nb: [1")).toMatch(/^yaml: line 2: /);
    expect(refusal("? [a]\n: 1")).toBe("yaml: unsupported map key of type: collection");
    expect(refusal("a: \tb: c")).not.toBe("");
  });

  it("must be UTF-8", () => {
    expect(() => parseYaml(new Uint8Array([0xff, 0xfe, 0xfd]))).toThrow(ApiError);
  });
});

describe("duplicate keys", () => {
  it("are reported with their lines, and the last value wins", () => {
    expect(parse("a: 1\nb:\n  c: 1\n  c: 2\na: 3")).toEqual({
      value: { a: 3, b: { c: 2 } },
      duplicates: [
        'yaml: unmarshal errors:\n  line 4: key "c" already set in map\n  line 5: key "a" already set in map',
      ],
    });
  });
});

describe("anchors", () => {
  it("are shared by value", () => {
    expect(value("a: &x {b: 1}\nc: *x\nd: [*x, *x]\ne: &y text\nf: *y")).toEqual({
      a: { b: 1 },
      c: { b: 1 },
      d: [{ b: 1 }, { b: 1 }],
      e: "text",
      f: "text",
    });
  });

  it("merge, below what the map says itself", () => {
    expect(value("v: &x {a: 1, b: 1}\nw: &y {b: 2, c: 2}\nz:\n  <<: [*x, *y]\n  a: 0")).toEqual({
      v: { a: 1, b: 1 },
      w: { b: 2, c: 2 },
      z: { a: 0, b: 1, c: 2 },
    });
    expect(refusal("a:\n  <<: 1")).toMatch(/map merge requires/);
  });

  it("are no bomb", () => {
    const levels = Array.from(
      { length: 12 },
      (_, level) => `a${level + 1}: &a${level + 1} [${Array(10).fill(`*a${level}`).join(",")}]`,
    );
    expect(refusal(["a0: &a0 lol", ...levels].join("\n"))).toBe("yaml: document contains excessive aliasing");
    const long = `a: &a ${"x".repeat(100_000)}\nb: [${Array(200).fill("*a").join(",")}]`;
    expect(refusal(long)).toBe("yaml: document contains excessive aliasing");
  });

  it("never contain themselves", () => {
    expect(refusal("a: &a [*a]")).toBe("yaml: anchor 'a' value contains itself");
    expect(refusal("a: *b")).toMatch(/unknown anchor|Unresolved alias/i);
  });
});

describe("depth", () => {
  it("is bounded", () => {
    expect(value(`${"[".repeat(500)}${"]".repeat(500)}`)).toBeInstanceOf(Array);
    expect(refusal(`${"[".repeat(2000)}${"]".repeat(2000)}`)).toMatch(/exceeded max depth/);
    expect(refusal("[".repeat(100_000))).not.toBe("");
  });
});
