import { expect, it } from "vitest";
import type { Controller } from "./controller.ts";
import { selectControllers } from "./select-controllers.ts";

const controllers: readonly Controller[] = ["a", "b", "c"].map((name) => ({ name, start: () => {} }));

it.each([
  { selection: ["*"], selected: "abc" },
  { selection: ["*", "-b"], selected: "ac" },
  { selection: ["a", "c"], selected: "ac" },
  { selection: ["a", "-a"], selected: "a" },
  { selection: ["-a"], selected: "" },
])("selects by $selection", ({ selection, selected }) => {
  const names = selectControllers(controllers, selection).map(({ name }) => name);
  expect(names.join("")).toBe(selected);
});

it("refuses a name that it does not know", () => {
  expect(() => selectControllers(controllers, ["*", "-d"])).toThrow('"d" is not in the list of known controllers');
});
