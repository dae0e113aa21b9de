import { expect, it } from "vitest";
import { matches } from "../api/machinery/labels.ts";
import { selectorReader } from "./workload-selector.ts";

it("reads a selector once per object", () => {
  const selectorOf = selectorReader();
  const owner = { spec: { selector: { matchLabels: { app: "web" } } } };
  const selector = selectorOf(owner);
  expect(selector === undefined || matches(selector, { app: "web", tier: "a" })).toBe(true);
  expect(selectorOf(owner)).toBe(selector);
});

it.each([
  ["is absent", undefined],
  ["is empty", {}],
  ["cannot be read", { matchExpressions: [{ key: "a", operator: "Near", values: ["b"] }] }],
])("answers nothing where the selector %s", (_, selector) => {
  expect(selectorReader()({ spec: selector === undefined ? {} : { selector } })).toBeUndefined();
});
