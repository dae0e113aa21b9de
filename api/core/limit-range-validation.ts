import type { LimitRange, LimitRangeItem } from "../generated/types/core-v1.ts";
import type { FieldError } from "../machinery/field-error.ts";
import { bad, duplicate, forbidden, named, required } from "../machinery/findings.ts";
import { getOwn } from "../machinery/members.ts";
import { labelKey } from "../machinery/names.ts";
import type { DeepReadonly } from "../machinery/object.ts";
import {
  canonicalQuantity,
  compareQuantities,
  type Quantity,
  quantityOf,
  roundUp,
  roundUpMilli,
  tryQuantity,
} from "../machinery/quantity.ts";
import { containerResourceName, mayOvercommit, resourceName } from "./resource-names.ts";

type Item = DeepReadonly<LimitRangeItem>;

export function validateLimitRange({ spec }: DeepReadonly<LimitRange>): FieldError[] {
  const seen = new Set<string>();
  return (spec?.limits ?? []).flatMap((item, index) => {
    const at = `spec.limits[${index}]`;
    const findings = limitType(`${at}.type`, item.type ?? "");
    if (seen.has(item.type)) findings.push(duplicate(`${at}.type`, item.type));
    seen.add(item.type);
    return [...findings, ...validateItem(item, at)];
  });
}

const types = ["Pod", "Container", "PersistentVolumeClaim"];

function limitType(field: string, type: string): FieldError[] {
  const findings = named(field, type, labelKey(type));
  if (findings.length > 0 || type.includes("/") || types.includes(type)) return findings;
  return [bad(field, type, "must be a standard limit type or fully qualified")];
}

const bounds = ["max", "min", "default", "defaultRequest", "maxLimitRequestRatio"] as const;

function validateItem(item: Item, path: string): FieldError[] {
  const rule = item.type === "Pod" || item.type === "Container" ? containerResourceName : resourceName;
  const resources = new Set<string>();
  const findings = bounds.flatMap((bound) => {
    const names = Object.keys(item[bound] ?? {});
    if (item.type === "Pod" && (bound === "default" || bound === "defaultRequest"))
      return names.length === 0 ? [] : [forbidden(`${path}.${bound}`, "may not be specified when `type` is 'Pod'")];
    return names.flatMap((name) => {
      resources.add(name);
      return rule(`${path}.${bound}[${name}]`, name);
    });
  });
  if (
    item.type === "PersistentVolumeClaim" &&
    item.min?.["storage"] === undefined &&
    item.max?.["storage"] === undefined
  )
    findings.push(
      required(`${path}.limits`, "either minimum or maximum storage value is required, but neither was provided"),
    );
  for (const name of resources) findings.push(...validateBounds(item, name, path));
  return findings;
}

type Bound = "min" | "max" | "default" | "defaultRequest";

/** Which bound must not exceed which, which field is told to be wrong, and which of the two values is shown. */
interface Order {
  readonly low: Bound;
  readonly high: Bound;
  readonly blamed: Bound;
  readonly shown: "low" | "high";
  readonly highWord?: string;
}

const orders: readonly Order[] = [
  { low: "min", high: "max", blamed: "min", shown: "low" },
  { low: "min", high: "defaultRequest", blamed: "defaultRequest", shown: "high" },
  { low: "defaultRequest", high: "max", blamed: "defaultRequest", shown: "low" },
  { low: "defaultRequest", high: "default", blamed: "defaultRequest", shown: "low", highWord: "default limit" },
  { low: "min", high: "default", blamed: "default", shown: "low" },
  { low: "default", high: "max", blamed: "default", shown: "high" },
];

function word(bound: Bound): string {
  return bound === "defaultRequest" ? "default request" : bound;
}

function validateBounds(item: Item, name: string, path: string): FieldError[] {
  const textOf = (bound: (typeof bounds)[number]): string | undefined => {
    // A pod has no defaults.
    if (item.type === "Pod" && (bound === "default" || bound === "defaultRequest")) return undefined;
    return getOwn(item[bound] ?? {}, name);
  };
  const findings = orders.flatMap((order) => {
    const [low, high] = [textOf(order.low), textOf(order.high)];
    if (low === undefined || high === undefined || compared(low, high) <= 0) return [];
    const [least, most] = [canonicalQuantity(low), canonicalQuantity(high)];
    const detail = `${word(order.low)} value ${least} is greater than ${order.highWord ?? word(order.high)} value ${most}`;
    return [bad(`${path}.${order.blamed}[${name}]`, order.shown === "low" ? least : most, detail)];
  });
  findings.push(...ratio(textOf, `${path}.maxLimitRequestRatio[${name}]`));
  const [limit, request] = [textOf("default"), textOf("defaultRequest")];
  if (limit === undefined || request === undefined || mayOvercommit(name) || compared(limit, request) === 0)
    return findings;
  const [most, least] = [canonicalQuantity(limit), canonicalQuantity(request)];
  const detail = `default value ${most} must equal to defaultRequest value ${least} in ${name}`;
  return [...findings, bad(`${path}.defaultRequest[${name}]`, least, detail)];
}

function compared(a: string, b: string): number {
  const [one, other] = [tryQuantity(a), tryQuantity(b)];
  return one === undefined || other === undefined ? 0 : compareQuantities(one, other);
}

function ratio(textOf: (bound: (typeof bounds)[number]) => string | undefined, field: string): FieldError[] {
  const text = textOf("maxLimitRequestRatio");
  const most = text === undefined ? undefined : tryQuantity(text);
  if (text === undefined || most === undefined) return [];
  const shown = canonicalQuantity(text);
  const findings: FieldError[] = [];
  if (compareQuantities(most, quantityOf(1)) < 0) findings.push(bad(field, shown, `ratio ${shown} is less than 1`));
  const [min, max] = [tryQuantity(textOf("min") ?? ""), tryQuantity(textOf("max") ?? "")];
  if (min === undefined || max === undefined) return findings;
  const { given, possible } = ratios(most, min, max);
  if (given > possible) {
    const words = Number.isFinite(possible) ? possible.toFixed(6) : "+Inf";
    findings.push(bad(field, shown, `ratio ${shown} is greater than max/min = ${words}`));
  }
  return findings;
}

const largestMilli = (2n ** 63n - 1n) / 1000n;

/** To a thousandth, where that fits in 64 bits. */
function ratios(ratio: Quantity, min: Quantity, max: Quantity): { readonly given: number; readonly possible: number } {
  if ([ratio, min, max].every((one) => roundUp(one) < largestMilli))
    return {
      given: Number(roundUpMilli(ratio)) / 1000,
      possible: Number(roundUpMilli(max)) / Number(roundUpMilli(min)),
    };
  return { given: Number(roundUp(ratio)), possible: Number(roundUp(max)) / Number(roundUp(min)) };
}
