import { describe, expect, it } from "vitest";
import type { KubeObject } from "../machinery/object.ts";
import { findingsOf, sampleWriteContext } from "../row.testing.ts";
import { csiDrivers } from "./csi-drivers.ts";
import { csiNodes } from "./csi-nodes.ts";
import { csiStorageCapacities } from "./csi-storage-capacities.ts";
import { storageClasses } from "./storage-classes.ts";
import { volumeAttachments } from "./volume-attachments.ts";

function storageClass(more: object): KubeObject {
  return {
    metadata: { name: "c" },
    provisioner: "example.com/disk",
    volumeBindingMode: "Immediate",
    ...more,
  } as KubeObject;
}

describe("where volumes of a class may be made", () => {
  const path = "allowedTopologies[0].matchLabelExpressions";
  it.each<[string, object[], string[]]>([
    ["in zones", [{ matchLabelExpressions: [{ key: "zone", values: ["a", "b"] }] }], []],
    ["nowhere", [{ matchLabelExpressions: [{ key: "zone", values: [] }] }], [`${path}[0].values: Required value`]],
    [
      "in one zone twice",
      [{ matchLabelExpressions: [{ key: "zone", values: ["a", "a"] }] }],
      [`${path}[0].values[1]: Duplicate value: "a"`],
    ],
    [
      "by one key twice",
      [
        {
          matchLabelExpressions: [
            { key: "zone", values: ["a"] },
            { key: "zone", values: ["b"] },
          ],
        },
      ],
      [`${path}[1].key: Duplicate value: "zone"`],
    ],
    [
      "by one term twice",
      [
        { matchLabelExpressions: [{ key: "zone", values: ["a", "b"] }] },
        { matchLabelExpressions: [{ key: "zone", values: ["b", "a"] }] },
      ],
      ['allowedTopologies[1].matchLabelExpressions: Duplicate value: ""'],
    ],
  ])("%s", (_what, allowedTopologies, expected) => {
    expect(findingsOf(storageClasses, storageClass({ allowedTopologies }))).toEqual(expected);
  });

  it("by old labels or by drivers that are gone is warned of", () => {
    const allowedTopologies = [
      { matchLabelExpressions: [{ key: "failure-domain.beta.kubernetes.io/zone", values: ["a"] }] },
    ];
    const old = storageClass({ provisioner: "kubernetes.io/rbd", allowedTopologies });
    expect(storageClasses.warn?.(old, undefined, sampleWriteContext())).toEqual([
      'allowedTopologies[0].matchLabelExpressions[0].key: deprecated since v1.17; use "topology.kubernetes.io/zone" instead',
      "provisioner: deprecated in v1.28, non-functional in v1.31+",
    ]);
  });
});

it.each<[string, object, string[]]>([
  [
    "nothing",
    {},
    ["spec.source: Required value: must specify exactly one of inlineVolumeSpec and persistentVolumeName"],
  ],
  [
    "both",
    { persistentVolumeName: "v", inlineVolumeSpec: {} },
    ["spec.source: Forbidden: must specify exactly one of inlineVolumeSpec and persistentVolumeName"],
  ],
  [
    "a volume without a name",
    { persistentVolumeName: "" },
    ["spec.source.persistentVolumeName: Required value: must specify non empty persistentVolumeName"],
  ],
])("an attachment of %s", (_what, source, expected) => {
  const spec = { attacher: "d.example.com", nodeName: "n", source };
  expect(findingsOf(volumeAttachments, { metadata: { name: "a" }, spec } as KubeObject)).toEqual(expected);
});

it("an attachment's story is not endless", () => {
  const spec = { attacher: "d", nodeName: "n", source: { persistentVolumeName: "v" } };
  const status = { attachError: { message: "x".repeat(1025) } };
  const attachment = { metadata: { name: "a" }, spec, status } as KubeObject;
  expect(findingsOf(volumeAttachments, attachment, attachment, "status")).toEqual([
    "status.attachError.message: Too long: may not be more than 1024 bytes",
  ]);
});

it.each<[string, object, string[]]>([
  ["a good driver", { topologyKeys: ["example.com/zone"] }, []],
  ["keys twice", { topologyKeys: ["zone", "zone"] }, ['spec.drivers[0].topologyKeys: Duplicate value: "zone"']],
  [
    "a long id",
    { nodeID: "x".repeat(193) },
    [`spec.drivers[0].nodeID: Invalid value: "${"x".repeat(193)}": must be 192 characters or less`],
  ],
])("a node with %s", (_what, more, expected) => {
  const spec = { drivers: [{ name: "d.example.com", nodeID: "n", ...more }] };
  expect(findingsOf(csiNodes, { metadata: { name: "n" }, spec } as KubeObject)).toEqual(expected);
});

it("a driver is named as drivers are, and is asked no more often than it can answer", () => {
  const spec = {
    attachRequired: true,
    podInfoOnMount: true,
    storageCapacity: true,
    nodeAllocatableUpdatePeriodSeconds: 9,
  };
  expect(findingsOf(csiDrivers, { metadata: { name: `${"d".repeat(60)}.com` }, spec } as KubeObject)).toEqual([
    "name: Too long: may not be more than 63 bytes",
    "spec.nodeAllocatableUpdatePeriodSeconds: Invalid value: 9: must be greater than or equal to 10 seconds",
  ]);
});

it("there is no less capacity than none", () => {
  const capacity = { metadata: { name: "c" }, storageClassName: "s", capacity: "-1", maximumVolumeSize: "1Gi" };
  expect(findingsOf(csiStorageCapacities, capacity as KubeObject)).toEqual([
    'capacity: Invalid value: "-1": must be greater than or equal to 0',
  ]);
});
