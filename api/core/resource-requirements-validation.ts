import type { ResourceRequirements } from "../generated/types/core-v1.ts";
import type { FieldError } from "../machinery/field-error.ts";
import { bad, duplicate, forbidden, named, notFound, required } from "../machinery/findings.ts";
import { labelKey } from "../machinery/names.ts";
import type { DeepReadonly } from "../machinery/object.ts";
import { compareQuantities, tryQuantity } from "../machinery/quantity.ts";

const standard: ReadonlySet<string> = new Set(["cpu", "memory", "ephemeral-storage", "storage"]);

/** Whether requests may be smaller than limits: only for what the kernel can throttle or reclaim. */
function mayOvercommit(resource: string): boolean {
  return !resource.startsWith("hugepages-") && (!resource.includes("/") || resource.startsWith("kubernetes.io/"));
}

export function validateResources(
  resources: DeepReadonly<ResourceRequirements>,
  claims: ReadonlySet<string>,
  path: string,
): FieldError[] {
  const { limits = {}, requests = {} } = resources;
  const findings = [...quantities(limits, `${path}.limits`), ...quantities(requests, `${path}.requests`)];
  for (const [resource, text] of Object.entries(requests))
    findings.push(...requestWithinLimit(resource, text, limits, path));
  const all = [...Object.keys(limits), ...Object.keys(requests)];
  if (all.some((resource) => resource.startsWith("hugepages-")) && !all.includes("cpu") && !all.includes("memory")) {
    findings.push(forbidden(path, "HugePages require cpu or memory"));
  }
  return [...findings, ...claimNames(resources, claims, `${path}.claims`)];
}

function quantities(map: Readonly<Record<string, string>>, path: string): FieldError[] {
  return Object.entries(map).flatMap(([resource, text]) => {
    const at = `${path}[${resource}]`;
    const findings = named(at, resource, labelKey(resource));
    if (
      findings.length === 0 &&
      !resource.includes("/") &&
      !standard.has(resource) &&
      !resource.startsWith("hugepages-")
    ) {
      findings.push(bad(at, resource, "must be a standard resource type or fully qualified"));
    }
    if ((tryQuantity(text)?.nano ?? 0n) < 0n) findings.push(bad(at, text, "must be greater than or equal to 0"));
    return findings;
  });
}

function requestWithinLimit(
  resource: string,
  text: string,
  limits: Readonly<Record<string, string>>,
  path: string,
): FieldError[] {
  const limit = Object.hasOwn(limits, resource) ? limits[resource] : undefined;
  if (limit === undefined) {
    return mayOvercommit(resource)
      ? []
      : [required(`${path}.limits`, "Limit must be set for non overcommitable resources")];
  }
  const [request, most] = [tryQuantity(text), tryQuantity(limit)];
  if (request === undefined || most === undefined) return [];
  const order = compareQuantities(request, most);
  if (order !== 0 && !mayOvercommit(resource))
    return [bad(`${path}.requests`, text, `must be equal to ${resource} limit of ${limit}`)];
  return order > 0
    ? [bad(`${path}.requests`, text, `must be less than or equal to ${resource} limit of ${limit}`)]
    : [];
}

function claimNames(
  resources: DeepReadonly<ResourceRequirements>,
  claims: ReadonlySet<string>,
  path: string,
): FieldError[] {
  const seen = new Set<string>();
  return (resources.claims ?? []).flatMap(({ name, request }, index) => {
    const at = `${path}[${index}]`;
    if (name === "") return [required(at)];
    const key = request ? `${name}/${request}` : name;
    const findings = seen.has(key) ? [duplicate(at, key)] : [];
    seen.add(key);
    if (!claims.has(name)) {
      const known = claims.size === 0 ? " which is empty" : `: ${[...claims].sort().join(", ")}`;
      findings.push(notFound(at, name, `must be one of the names in pod.spec.resourceClaims${known}`));
    }
    return findings;
  });
}
