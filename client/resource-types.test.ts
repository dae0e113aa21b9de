import { expect, it } from "vitest";
import { registry } from "../api/registry.ts";
import * as types from "./resource-types.ts";

it("knows every resource that is stored as the server serves it", () => {
  const listed = Object.values(types)
    .filter((type) => typeof type === "object")
    .map(({ apiVersion, plural, kind, scope }) => ({ apiVersion, plural, kind, scope }));
  const served = registry.map(({ group, version, plural, kind, scope }) => ({
    apiVersion: group === "" ? version : `${group}/${version}`,
    plural,
    kind,
    scope,
  }));
  for (const type of listed) expect(served).toContainEqual(type);
  const stored = registry.filter(({ stored: isStored }) => isStored).map(({ plural }) => plural);
  expect(listed.map(({ plural }) => plural)).toEqual(expect.arrayContaining(stored));
});
