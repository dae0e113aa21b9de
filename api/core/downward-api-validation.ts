/** References to a pod's own fields and resources, from its environment and its volumes. */
import type { ObjectFieldSelector, ResourceFieldSelector } from "../generated/types/core-v1.ts";
import type { FieldError } from "../machinery/field-error.ts";
import { bad, named, required, unsupported } from "../machinery/findings.ts";
import { labelKey } from "../machinery/names.ts";
import type { DeepReadonly } from "../machinery/object.ts";
import { canonicalQuantity, tryQuantity } from "../machinery/quantity.ts";

/** Fields that a container can be told, before it starts. */
export const environmentFields: readonly string[] = [
  "metadata.name",
  "metadata.namespace",
  "metadata.uid",
  "spec.nodeName",
  "spec.serviceAccountName",
  "status.hostIP",
  "status.hostIPs",
  "status.podIP",
  "status.podIPs",
];

/** Fields that a file can follow. */
export const volumeFields: readonly string[] = [
  "metadata.annotations",
  "metadata.labels",
  "metadata.name",
  "metadata.namespace",
  "metadata.uid",
];

/** Paths that exist at all: not every one of them can be asked for everywhere. */
const knownFields: ReadonlySet<string> = new Set([
  ...environmentFields,
  ...volumeFields,
  "spec.restartPolicy",
  "spec.schedulerName",
  "spec.terminationGracePeriodSeconds",
  "status.phase",
]);

export function validateFieldRef(
  reference: DeepReadonly<ObjectFieldSelector>,
  allowed: readonly string[],
  path: string,
): FieldError[] {
  const { apiVersion = "v1", fieldPath = "" } = reference;
  const field = `${path}.fieldPath`;
  if (fieldPath === "") return [required(field)];
  const unconvertible = (why: string): FieldError[] => [bad(field, fieldPath, `error converting fieldPath: ${why}`)];
  if (apiVersion !== "v1") return unconvertible(`unsupported pod version: ${apiVersion}`);
  const subscripted = /^(.+?)\['(.*)'\]$/s.exec(fieldPath);
  if (subscripted !== null) {
    const [, of = "", key = ""] = subscripted;
    if (of === "metadata.annotations") return named(path, key.toLowerCase(), labelKey(key.toLowerCase()));
    if (of === "metadata.labels") return named(path, key, labelKey(key));
    return unconvertible(`field label does not support subscript: ${fieldPath}`);
  }
  // What spec.nodeName was called once.
  const current = fieldPath === "spec.host" ? "spec.nodeName" : fieldPath;
  if (!knownFields.has(current)) return unconvertible(`field label not supported: ${fieldPath}`);
  return allowed.includes(current) ? [] : [unsupported(field, current, allowed)];
}

const resources: readonly string[] = ["limits", "requests"].flatMap((which) =>
  ["cpu", "memory", "ephemeral-storage"].map((name) => `${which}.${name}`),
);

/** A file may tell of any container, so it must say which. */
export function validateResourceFieldRef(
  reference: DeepReadonly<ResourceFieldSelector>,
  needsContainer: boolean,
  path: string,
): FieldError[] {
  const { containerName, resource = "", divisor } = reference;
  const findings: FieldError[] = [];
  if (needsContainer && !containerName) findings.push(required(`${path}.containerName`));
  else if (resource === "") findings.push(required(`${path}.resource`));
  else if (!resources.includes(resource) && !isHugePages(resource))
    findings.push(unsupported(`${path}.resource`, resource, resources));
  return [...findings, ...validateDivisor(resource, divisor, `${path}.divisor`)];
}

function isHugePages(resource: string): boolean {
  return /^(?:limits|requests)\.hugepages-/.test(resource);
}

const units = ["1", "1k", "1M", "1G", "1T", "1P", "1E", "1Ki", "1Mi", "1Gi", "1Ti", "1Pi", "1Ei"];

function validateDivisor(resource: string, divisor: string | undefined, field: string): FieldError[] {
  const nano = divisor === undefined ? 0n : (tryQuantity(divisor)?.nano ?? 0n);
  if (divisor === undefined || nano === 0n) return [];
  const shown = canonicalQuantity(divisor);
  if (resource.endsWith(".cpu"))
    return shown === "1m" || shown === "1"
      ? []
      : [bad(field, resource, "only divisor's values 1m and 1 are supported with the cpu resource")];
  const named = memoryLike(resource);
  if (named === "" || units.includes(shown)) return [];
  return [bad(field, resource, `only divisor's values ${units.join(", ")} are supported with the ${named} resource`)];
}

function memoryLike(resource: string): string {
  if (resource.endsWith(".memory")) return "memory";
  if (resource.endsWith(".ephemeral-storage")) return "local ephemeral storage";
  return isHugePages(resource) ? "hugepages" : "";
}
