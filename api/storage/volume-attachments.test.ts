import { expect, it } from "vitest";
import type { VolumeAttachment } from "../generated/types/storage-v1.ts";
import { findingsOf, sampleWriteContext } from "../row.testing.ts";
import { volumeAttachments } from "./volume-attachments.ts";

const context = sampleWriteContext();
const attachment: VolumeAttachment = {
  metadata: { name: "a" },
  spec: { attacher: "csi.example.com", nodeName: "node-1", source: { persistentVolumeName: "pv-1" } },
};

it("shows what is attached where", () => {
  const attached = { ...attachment, status: { attached: true } };
  expect(volumeAttachments.table?.cells(attachment, { now: 0 })).toEqual([
    "a",
    "csi.example.com",
    "pv-1",
    "node-1",
    false,
    "<unknown>",
  ]);
  expect(volumeAttachments.table?.cells(attached, { now: 0 })[4]).toBe(true);
});

it.each<[string, VolumeAttachment["spec"]["source"], number]>([
  ["one source", { persistentVolumeName: "pv-1" }, 0],
  ["no source", {}, 1],
  ["two sources", { persistentVolumeName: "pv-1", inlineVolumeSpec: {} }, 1],
])("judges %s", (_what, source, count) => {
  const object = { ...attachment, spec: { ...attachment.spec, source } };
  const found = volumeAttachments.validate?.(object, context) ?? [];
  expect(found.filter(({ field }) => field === "spec.source")).toHaveLength(count);
});

it("takes a volume that nobody claims", () => {
  const csi = { driver: "csi.example.com", volumeHandle: "h" };
  const inlineVolumeSpec = { accessModes: ["ReadWriteOnce"], csi };
  const inlined = (more: object): VolumeAttachment => ({
    ...attachment,
    spec: { ...attachment.spec, source: { inlineVolumeSpec: { ...inlineVolumeSpec, ...more } } },
  });
  expect(findingsOf(volumeAttachments, inlined({}))).toEqual([]);
  expect(findingsOf(volumeAttachments, inlined({ capacity: { storage: "1Gi" }, accessModes: [""] }))).toEqual([
    "spec.source.inlineVolumeSpec.capacity: Forbidden: may not be specified in the context of inline volumes",
    'spec.source.inlineVolumeSpec.accessModes: Unsupported value: "": supported values: "ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod"',
  ]);
});

it("keeps its spec", () => {
  const moved = { ...attachment, spec: { ...attachment.spec, nodeName: "node-2" } };
  expect(volumeAttachments.validateUpdate?.(moved, attachment, context)).toMatchObject([
    { field: "spec", detail: "field is immutable" },
  ]);
});
