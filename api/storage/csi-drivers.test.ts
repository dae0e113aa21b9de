import { describe, expect, it } from "vitest";
import type { CSIDriver, CSIDriverSpec } from "../generated/types/storage-v1.ts";
import { findingsOf, sampleWriteContext } from "../row.testing.ts";
import { csiDrivers } from "./csi-drivers.ts";

const context = sampleWriteContext();

function driver(spec: CSIDriverSpec = {}, generation?: number): CSIDriver {
  return {
    metadata: { name: "csi.example.com", ...(generation === undefined ? {} : { generation }) },
    spec: { attachRequired: true, podInfoOnMount: false, storageCapacity: false, ...spec },
  };
}

it.each<[string, CSIDriverSpec, unknown[]]>([
  ["bare", {}, [true, false, false, "<unset>", false, "<none>"]],
  [
    "full",
    {
      attachRequired: false,
      podInfoOnMount: true,
      storageCapacity: true,
      tokenRequests: [{ audience: "a" }, { audience: "b" }],
      requiresRepublish: true,
      volumeLifecycleModes: ["Persistent", "Ephemeral"],
    },
    [false, true, true, "a,b", true, "Persistent,Ephemeral"],
  ],
])("shows a driver, %s", (_what, spec, cells) => {
  expect(csiDrivers.table?.cells(driver(spec), { now: 0 })).toEqual(["csi.example.com", ...cells, "<unknown>"]);
});

describe("the generation of a driver", () => {
  it("is set by the first change", () => {
    const changed = driver({ requiresRepublish: true });
    csiDrivers.prepareForUpdate?.(changed, driver(), context);
    expect(changed.metadata?.generation).toBe(1);
  });

  it("moves with each change", () => {
    const changed = driver({ requiresRepublish: true });
    csiDrivers.prepareForUpdate?.(changed, driver({}, 4), context);
    expect(changed.metadata?.generation).toBe(5);
  });

  it("stays without one", () => {
    const same = driver({}, 4);
    csiDrivers.prepareForUpdate?.(same, driver({}, 4), context);
    expect(same.metadata?.generation).toBe(4);
  });
});

it("names the modes in upstream's order", () => {
  expect(findingsOf(csiDrivers, driver({ volumeLifecycleModes: [""] }))).toEqual([
    'spec.volumeLifecycleModes: Unsupported value: "": supported values: "Persistent", "Ephemeral"',
  ]);
});

it.each<[string, CSIDriverSpec, CSIDriver | undefined, number]>([
  ["new tokens in attributes", { tokenRequests: [{ audience: "a" }] }, undefined, 1],
  ["tokens as before", { tokenRequests: [{ audience: "a" }] }, driver({ tokenRequests: [{ audience: "a" }] }), 0],
  ["tokens in secrets", { tokenRequests: [{ audience: "a" }], serviceAccountTokenInSecrets: true }, undefined, 0],
  ["no tokens", {}, undefined, 0],
])("warns, or not, of %s", (_what, spec, old, count) => {
  expect(csiDrivers.warn?.(driver(spec), old, context)).toHaveLength(count);
});

it.each<[string, CSIDriverSpec, string[]]>([
  ["attaching", { attachRequired: false }, ["spec.attachedRequired"]],
  ["its modes", { volumeLifecycleModes: ["Ephemeral"] }, ["spec.volumeLifecycleModes"]],
  ["what it is told of pods", { podInfoOnMount: true }, []],
])("judges a change of %s", (_what, spec, fields) => {
  expect(csiDrivers.validateUpdate?.(driver(spec), driver(), context)?.map(({ field }) => field)).toEqual(fields);
});
