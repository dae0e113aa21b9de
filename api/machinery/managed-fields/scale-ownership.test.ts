import { describe, expect, it } from "vitest";
import type { JsonObject } from "../object.ts";
import { parentManagedFields, replicasPath, scaleManagedFields, type ReplicasPaths } from "./scale-ownership.ts";
import type { Entry } from "./managers.ts";

const replicas = { "f:spec": { "f:replicas": {} } };
const both = { "f:spec": { "f:paused": {}, "f:replicas": {} } };
const paths: ReplicasPaths = new Map([
  ["apps/v1", replicasPath(".spec.replicas")],
  ["x/v1", replicasPath(".spec.the.size")],
  ["none/v1", undefined],
]);

function entry(manager: string, apiVersion: string, fieldsV1: JsonObject, more: Partial<Entry> = {}): Entry {
  return {
    manager,
    operation: "Apply",
    apiVersion,
    time: "2026-01-01T00:00:00Z",
    fieldsType: "FieldsV1",
    fieldsV1,
    ...more,
  };
}

describe("a Scale's ownership", () => {
  it("is that of the parent's replicas, by the path of each version", () => {
    const parent = [
      entry("one", "apps/v1", both),
      entry("two", "apps/v1", { "f:spec": { "f:paused": {} } }),
      entry("three", "x/v1", { "f:spec": { "f:the": { "f:size": {} } } }),
      entry("four", "none/v1", replicas),
      entry("five", "gone/v1", replicas),
    ];
    expect(scaleManagedFields(parent, paths)).toEqual([
      entry("one", "autoscaling/v1", replicas),
      entry("three", "autoscaling/v1", replicas),
    ]);
    expect(scaleManagedFields([], paths)).toBeUndefined();
  });

  it("goes back to the parent: taken from who lost it, given to who has it, in the parent's version", () => {
    const parent = [entry("one", "apps/v1", both), entry("two", "apps/v1", replicas), entry("gone", "gone/v1", both)];
    const scaler = entry("scaler", "autoscaling/v1", replicas, { operation: "Update", subresource: "scale" });
    const { time: _, ...untimed } = scaler;
    expect(parentManagedFields(parent, [scaler], "apps/v1", paths)).toEqual([
      entry("one", "apps/v1", { "f:spec": { "f:paused": {} } }),
      // Upstream looks for its time among the parent's entries.
      { ...untimed, apiVersion: "apps/v1" },
    ]);
  });

  it("that nobody lost leaves the parent's entries as they are", () => {
    const parent = [entry("one", "apps/v1", both)];
    expect(parentManagedFields(parent, [entry("one", "autoscaling/v1", replicas)], "apps/v1", paths)).toBe(parent);
  });
});
