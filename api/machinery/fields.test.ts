import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { exactField, formatFieldSelector, matchesFields, parseFieldSelector, requireSelectable } from "./fields.ts";

describe("parseFieldSelector", () => {
  it.each([
    ["", []],
    ["metadata.name=a", [{ field: "metadata.name", operator: "=", value: "a" }]],
    [
      "a==b,c!=d",
      [
        { field: "a", operator: "=", value: "b" },
        { field: "c", operator: "!=", value: "d" },
      ],
    ],
    ["a=", [{ field: "a", operator: "=", value: "" }]],
    [",a=b,", [{ field: "a", operator: "=", value: "b" }]],
    ["a=x\\,y\\=z\\\\", [{ field: "a", operator: "=", value: "x,y=z\\" }]],
    ["a=b!c", [{ field: "a", operator: "=", value: "b!c" }]],
  ])("reads %j", (text, requirements) => expect(parseFieldSelector(text)).toEqual(requirements));

  it.each([
    ["a", "invalid selector: 'a'; can't understand 'a'"],
    ["a=b,c", "invalid selector: 'a=b,c'; can't understand 'c'"],
    ["a=b=c", "invalid field selector: unescaped character in value: ="],
    ["a=\\x", "invalid field selector: invalid escape sequence: \\x"],
    ["a=b\\", "invalid field selector: invalid escape sequence: \\"],
  ])("refuses %j", (text, message) => expect(() => parseFieldSelector(text)).toThrow(message));

  it("reads what was formatted", () => {
    const requirement = fc.record({
      field: fc.constantFrom("a", "b.c"),
      operator: fc.constantFrom("=" as const, "!=" as const),
      value: fc.string(),
    });
    fc.assert(
      fc.property(fc.array(requirement), (requirements) => {
        expect(parseFieldSelector(formatFieldSelector(requirements))).toEqual(requirements);
      }),
    );
  });
});

it("all requirements must hold", () => {
  const fields: Record<string, string> = { a: "1", b: "" };
  const holds = (text: string): boolean => matchesFields(parseFieldSelector(text), (field) => fields[field] ?? "");
  expect(holds("a=1,b=")).toBe(true);
  expect(holds("a=1,b=2")).toBe(false);
  expect(holds("a!=2,c=")).toBe(true);
  expect(holds("a!=1")).toBe(false);
});

it("fields that a kind does not declare are refused", () => {
  const requirements = parseFieldSelector("metadata.name=a,spec.nodeName=b");
  expect(() => requireSelectable(requirements, undefined)).toThrow(
    '"spec.nodeName" is not a known field selector: only "metadata.name", "metadata.namespace"',
  );
  expect(() => requireSelectable(requirements, new Set(["status.phase"]))).toThrow(
    "field label not supported: spec.nodeName",
  );
  expect(() => requireSelectable(requirements, new Set(["spec.nodeName"]))).not.toThrow();
});

it("an exact value is found", () => {
  const requirements = parseFieldSelector("a!=1,a=2");
  expect(exactField(requirements, "a")).toBe("2");
  expect(exactField(requirements, "b")).toBeUndefined();
});
