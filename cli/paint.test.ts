import { expect, it } from "vitest";
import { paintFor } from "./paint.ts";

it("emphasizes on a terminal only, and not where its user does not want it", () => {
  expect(paintFor(true, {}).strong("ready")).toBe("\u001b[1mready\u001b[22m");
  expect(paintFor(true, { NO_COLOR: "" }).strong("ready")).not.toBe("ready");
  expect(paintFor(false, {}).strong("ready")).toBe("ready");
  expect(paintFor(true, { NO_COLOR: "1" }).faint("ready")).toBe("ready");
  expect(paintFor(true, { TERM: "dumb" }).strong("ready")).toBe("ready");
});
