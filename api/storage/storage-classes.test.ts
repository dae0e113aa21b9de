import { describe, expect, it } from "vitest";
import type { StorageClass } from "../generated/types/storage-v1.ts";
import { describeFieldError } from "../machinery/field-error.ts";
import { sampleWriteContext } from "../row.testing.ts";
import { storageClasses } from "./storage-classes.ts";

const context = sampleWriteContext();
const fast: StorageClass = {
  metadata: { name: "fast" },
  provisioner: "disk.example.com",
  parameters: { type: "ssd" },
  reclaimPolicy: "Delete",
  volumeBindingMode: "Immediate",
};

it.each<[string, Record<string, string>, string]>([
  ["plainly", {}, "fast"],
  ["as the default", { "storageclass.kubernetes.io/is-default-class": "true" }, "fast (default)"],
  ["as the default of old", { "storageclass.beta.kubernetes.io/is-default-class": "true" }, "fast (default)"],
  ["as no default", { "storageclass.kubernetes.io/is-default-class": "false" }, "fast"],
])("shows a class %s", (_what, annotations, name) => {
  expect(storageClasses.table?.cells({ ...fast, metadata: { name: "fast", annotations } }, { now: 0 })).toEqual([
    name,
    "disk.example.com",
    "Delete",
    "Immediate",
    false,
    "<unknown>",
  ]);
});

describe("validation of storage classes", () => {
  it.each<[string, Partial<StorageClass>, string[]]>([
    ["a good one", {}, []],
    ["one that nobody serves", { provisioner: "" }, ["provisioner: Required value"]],
    [
      "one that recycles",
      { reclaimPolicy: "Recycle" },
      ['reclaimPolicy: Unsupported value: "Recycle": supported values: "Delete", "Retain"'],
    ],
    ["an unnamed parameter", { parameters: { "": "x" } }, ['parameters: Invalid value: "": field can not be empty.']],
  ])("judges %s", (_what, differently, expected) => {
    const found = storageClasses.validate?.({ ...fast, ...differently }, context) ?? [];
    expect(found.map((one) => `${one.field}: ${describeFieldError(one)}`)).toEqual(expected);
  });

  it.each<[string, Partial<StorageClass>, string[]]>([
    [
      "provisioner",
      { provisioner: "other.example.com" },
      ["provisioner: Forbidden: updates to provisioner are forbidden."],
    ],
    ["parameters", { parameters: {} }, ["parameters: Forbidden: updates to parameters are forbidden."]],
    [
      "reclaim policy",
      { reclaimPolicy: "Retain" },
      ["reclaimPolicy: Forbidden: updates to reclaimPolicy are forbidden."],
    ],
    [
      "binding mode",
      { volumeBindingMode: "WaitForFirstConsumer" },
      ['volumeBindingMode: Invalid value: "WaitForFirstConsumer": field is immutable'],
    ],
    ["nothing that matters", { allowVolumeExpansion: true }, []],
  ])("judges a change of %s", (_what, differently, expected) => {
    const found = storageClasses.validateUpdate?.({ ...fast, ...differently }, fast, context) ?? [];
    expect(found.map((one) => `${one.field}: ${describeFieldError(one)}`)).toEqual(expected);
  });
});
