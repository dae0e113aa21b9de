import type { LimitRange } from "../generated/types/core-v1.ts";
import { defineResource, type ResourceRow } from "../resource.ts";
import { validateLimitRange } from "./limit-range-validation.ts";

export const limitRanges: ResourceRow = defineResource<LimitRange>({
  group: "",
  version: "v1",
  kind: "LimitRange",
  plural: "limitranges",
  shortNames: ["limits"],
  scope: "Namespaced",
  definition: "io.k8s.api.core.v1.LimitRange",
  storageVersionHash: "EBKMFVe6cwo=",
  createOnUpdate: true,
  unconditionalUpdate: true,
  prepareForCreate(range, { uuid }) {
    range.metadata ??= {};
    range.metadata.name ||= uuid();
  },
  validate: validateLimitRange,
});
