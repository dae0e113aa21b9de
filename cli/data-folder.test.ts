import { expect, it } from "vitest";
import { defaultDataFolder, shownPath } from "./data-folder.ts";

const home = "/home/user";

it("is where programs of the machine's kind keep a user's data", () => {
  const on = (platform: NodeJS.Platform, environment: Record<string, string> = {}): string =>
    defaultDataFolder({ platform, environment, home });
  expect(on("linux")).toBe("/home/user/.local/share/wherry");
  expect(on("linux", { XDG_DATA_HOME: "/data" })).toBe("/data/wherry");
  expect(on("linux", { XDG_DATA_HOME: "relative" })).toBe("/home/user/.local/share/wherry");
  expect(on("darwin")).toBe("/home/user/Library/Application Support/wherry");
  expect(on("win32", { LOCALAPPDATA: "/local" })).toBe("/local/wherry");
});

it("is shown as people write it", () => {
  expect(shownPath("/home/user/.kube/config", home)).toBe("~/.kube/config");
  expect(shownPath("/home/username/x", home)).toBe("/home/username/x");
  expect(shownPath("/srv/x", home)).toBe("/srv/x");
});
