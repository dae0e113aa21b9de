import { describe, expect, it } from "vitest";
import { created, updated } from "../row.testing.ts";
import { customResourceDefinitions } from "./custom-resource-definitions.ts";
import { boats, v1 } from "./definition.testing.ts";

describe("stored versions", () => {
  it("begin with the storage version", () => {
    const forged = { ...boats(), status: { storedVersions: ["forged"] } };
    expect(created(customResourceDefinitions, forged).status).toEqual({ storedVersions: ["v1"] });
  });

  it("remember each later one", () => {
    const versions = [
      { ...v1, storage: false },
      { ...v1, name: "v2" },
    ];
    const object = boats({ versions });
    object.status = { storedVersions: ["v1"] };
    expect(updated(customResourceDefinitions, object, boats()).status).toEqual({ storedVersions: ["v1", "v2"] });
  });

  it("are the writer's business in the status", () => {
    const object = boats();
    object.status = { storedVersions: [] };
    expect(updated(customResourceDefinitions, object, boats(), "status").status).toEqual({ storedVersions: [] });
  });
});

describe("deletion", () => {
  it("always waits for the instances to go", () => {
    expect(customResourceDefinitions.isHeld?.(boats())).toBe(true);
    const deleting = boats();
    deleting.metadata = { ...deleting.metadata, deletionTimestamp: "2026-01-01T00:00:00Z", finalizers: ["x/y"] };
    customResourceDefinitions.markDeleting?.(deleting);
    expect(customResourceDefinitions.isHeld?.(deleting)).toBe(false);
    expect(deleting).toMatchObject({
      metadata: { finalizers: ["x/y", "customresourcecleanup.apiextensions.k8s.io"] },
      status: {
        storedVersions: ["v1"],
        conditions: [
          {
            type: "Terminating",
            status: "True",
            reason: "InstanceDeletionPending",
            lastTransitionTime: "2026-01-01T00:00:00Z",
            observedGeneration: 1,
          },
        ],
      },
    });
  });
});
