import { getOwn } from "../machinery/members.ts";
import type { LimitRange, LimitRangeItem } from "../generated/types/core-v1.ts";
import type { FieldError } from "../machinery/field-error.ts";
import { bad, duplicate, forbidden } from "../machinery/findings.ts";
import type { DeepReadonly } from "../machinery/object.ts";
import { compareQuantities, isQuantity, parseQuantity } from "../machinery/quantity.ts";
import { defineResource, type ResourceRow } from "../resource.ts";

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
  validate: ({ spec }) => {
    const seen = new Set<string>();
    return (spec?.limits ?? []).flatMap((item, index) => {
      const at = `spec.limits[${index}]`;
      const findings = seen.has(item.type) ? [duplicate(`${at}.type`, item.type)] : [];
      seen.add(item.type);
      return [...findings, ...validateItem(item, at)];
    });
  },
});

function validateItem(item: DeepReadonly<LimitRangeItem>, path: string): FieldError[] {
  const findings: FieldError[] = [];
  for (const field of ["default", "defaultRequest"] as const) {
    if (item.type === "Pod" && Object.keys(item[field] ?? {}).length > 0) {
      findings.push(forbidden(`${path}.${field}`, "may not be specified when `type` is 'Pod'"));
    }
  }
  return [...findings, ...orders.flatMap((order) => validateOrder(item, order, path))];
}

type Bound = "min" | "max" | "default" | "defaultRequest";

/** Which bound must not exceed which, and which of the two is told to be wrong. */
const orders: readonly { readonly low: Bound; readonly high: Bound; readonly blamed: Bound }[] = [
  { low: "min", high: "max", blamed: "min" },
  { low: "min", high: "defaultRequest", blamed: "defaultRequest" },
  { low: "defaultRequest", high: "max", blamed: "defaultRequest" },
  { low: "defaultRequest", high: "default", blamed: "defaultRequest" },
  { low: "min", high: "default", blamed: "default" },
  { low: "default", high: "max", blamed: "default" },
];

function validateOrder(
  item: DeepReadonly<LimitRangeItem>,
  { low, high, blamed }: (typeof orders)[number],
  path: string,
): FieldError[] {
  return Object.entries(item[low] ?? {}).flatMap(([resource, least]) => {
    const most = getOwn(item[high] ?? {}, resource);
    if (most === undefined || !isQuantity(least) || !isQuantity(most)) return [];
    if (compareQuantities(parseQuantity(least), parseQuantity(most)) <= 0) return [];
    const detail = `${words(low)} value ${least} is greater than ${words(high)} value ${most}`;
    return [bad(`${path}.${blamed}[${resource}]`, blamed === low ? least : most, detail)];
  });
}

function words(bound: Bound): string {
  return bound === "defaultRequest" ? "default request" : bound;
}
