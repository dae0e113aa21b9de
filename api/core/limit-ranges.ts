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

type Quantities = Readonly<Record<string, string>> | undefined;

function validateItem(item: DeepReadonly<LimitRangeItem>, path: string): FieldError[] {
  const findings: FieldError[] = [];
  for (const field of ["default", "defaultRequest"] as const) {
    if (item.type === "Pod" && Object.keys(item[field] ?? {}).length > 0) {
      findings.push(forbidden(`${path}.${field}`, "may not be specified when `type` is 'Pod'"));
    }
  }
  const order = (low: string, lows: Quantities, high: string, highs: Quantities, blamed: string): void => {
    for (const [resource, text] of Object.entries(lows ?? {})) {
      const other = highs !== undefined && Object.hasOwn(highs, resource) ? highs[resource] : undefined;
      if (other === undefined || !isQuantity(text) || !isQuantity(other)) continue;
      if (compareQuantities(parseQuantity(text), parseQuantity(other)) <= 0) continue;
      const value = blamed === low ? text : other;
      findings.push(
        bad(
          `${path}.${blamed}[${resource}]`,
          value,
          `${words(low)} value ${text} is greater than ${words(high)} value ${other}`,
        ),
      );
    }
  };
  order("min", item.min, "max", item.max, "min");
  order("min", item.min, "defaultRequest", item.defaultRequest, "defaultRequest");
  order("defaultRequest", item.defaultRequest, "max", item.max, "defaultRequest");
  order("defaultRequest", item.defaultRequest, "default", item.default, "defaultRequest");
  order("min", item.min, "default", item.default, "default");
  order("default", item.default, "max", item.max, "default");
  return findings;
}

function words(field: string): string {
  return field === "defaultRequest" ? "default request" : field;
}
