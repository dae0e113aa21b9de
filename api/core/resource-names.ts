/** What can be asked for and limited. https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/ */
import type { FieldError } from "../machinery/field-error.ts";
import { bad, named, unsupported } from "../machinery/findings.ts";
import { labelKey } from "../machinery/names.ts";
import { canonicalQuantity, tryQuantity } from "../machinery/quantity.ts";
import { isPodLevelResource } from "./resource-list-defaults.ts";

const compute = ["cpu", "memory", "ephemeral-storage"] as const;

const counted: ReadonlySet<string> = new Set([
  "pods",
  "resourcequotas",
  "services",
  "replicationcontrollers",
  "secrets",
  "configmaps",
  "persistentvolumeclaims",
  "services.nodeports",
  "services.loadbalancers",
]);

const ofQuota: ReadonlySet<string> = new Set([
  ...counted,
  ...compute.flatMap((name) => [name, `requests.${name}`, `limits.${name}`]),
  "requests.storage",
]);

const ofContainers: ReadonlySet<string> = new Set(compute);

export function isHugePages(name: string): boolean {
  return name.startsWith("hugepages-");
}

/** Of Kubernetes itself; others have a domain of their own. */
export function isNative(name: string): boolean {
  return !name.includes("/") || name.includes("kubernetes.io/");
}

/** Such as `example.com/gpu`: counted whole, and never promised twice. */
export function isExtended(name: string): boolean {
  return !isNative(name) && !name.startsWith("requests.") && labelKey(`requests.${name}`).length === 0;
}

/** Whether requests may be smaller than limits: only for what the kernel can throttle or reclaim. */
export function mayOvercommit(name: string): boolean {
  return isNative(name) && !isHugePages(name);
}

export function isStandardQuotaResource(name: string): boolean {
  return ofQuota.has(name) || isHugePages(name) || name.startsWith("requests.hugepages-");
}

function isStandard(name: string): boolean {
  return isStandardQuotaResource(name) || name === "storage";
}

export function resourceName(field: string, name: string): FieldError[] {
  const findings = named(field, name, labelKey(name));
  if (findings.length > 0 || name.includes("/") || isStandard(name)) return findings;
  return [bad(field, name, "must be a standard resource type or fully qualified")];
}

export function containerResourceName(field: string, name: string): FieldError[] {
  const findings = resourceName(field, name);
  if (!name.includes("/")) {
    const isKnown = ofContainers.has(name) || isHugePages(name);
    return isKnown ? findings : [...findings, bad(field, name, "must be a standard resource for containers")];
  }
  const isFitting = isNative(name) || isExtended(name);
  return isFitting ? findings : [...findings, bad(field, name, "doesn't follow extended resource name standard")];
}

/** Of the pod as a whole (KEP-2837). */
export function podResourceName(field: string, name: string): FieldError[] {
  const findings = resourceName(field, name);
  if (findings.length > 0 || isPodLevelResource(name)) return findings;
  return [unsupported(field, name, ["cpu", "hugepages-", "memory"])];
}

export function quotaResourceName(field: string, name: string): FieldError[] {
  const findings = resourceName(field, name);
  if (name.includes("/") || isStandardQuotaResource(name)) return findings;
  return [...findings, bad(field, name, "must be a standard resource for quota")];
}

const milli = 1_000_000n;

export function resourceAmount(field: string, name: string, text: string): FieldError[] {
  const quantity = tryQuantity(text);
  if (quantity === undefined) return [];
  const shown = canonicalQuantity(text);
  const findings = quantity.nano < 0n ? [bad(field, shown, "must be greater than or equal to 0")] : [];
  const isWhole = roundedToMilli(quantity.nano) % 1000n === 0n;
  if (!isWhole && (counted.has(name) || isExtended(name))) findings.push(bad(field, shown, "must be an integer"));
  return findings;
}

/** Nothing finer than a thousandth counts: it is rounded up. */
function roundedToMilli(nano: bigint): bigint {
  const whole = nano / milli;
  return nano > 0n && nano % milli !== 0n ? whole + 1n : whole;
}

/** Pages come whole. */
export function hugePagesAmount(field: string, name: string, text: string): FieldError[] {
  const quantity = tryQuantity(text);
  if (!isHugePages(name) || quantity === undefined) return [];
  const page = tryQuantity(name.slice("hugepages-".length))?.nano ?? 0n;
  if (page > 0n && quantity.nano % page === 0n) return [];
  const shown = canonicalQuantity(text);
  return [bad(field, shown, `${shown} is not positive integer multiple of ${name}`)];
}
