import type { ResourceRequirements } from "../generated/types/core-v1.ts";
import type { FieldError } from "../machinery/field-error.ts";
import { bad, duplicate, forbidden, named, notFound, required } from "../machinery/findings.ts";
import { getOwn } from "../machinery/members.ts";
import { dnsLabel } from "../machinery/names.ts";
import type { DeepReadonly } from "../machinery/object.ts";
import { canonicalQuantity, compareQuantities, tryQuantity } from "../machinery/quantity.ts";
import { hugePagesAmount, isHugePages, mayOvercommit, resourceAmount } from "./resource-names.ts";

type Amounts = Readonly<Record<string, string>>;
type NameRule = (field: string, name: string) => FieldError[];

export interface ResourceRules {
  /** What may be asked for here: by a container, or by a pod. */
  readonly name: NameRule;
  /** Names of the pod's resource claims. */
  readonly claims: ReadonlySet<string>;
}

export function validateResources(
  resources: DeepReadonly<ResourceRequirements>,
  { name, claims }: ResourceRules,
  path: string,
): FieldError[] {
  const { limits = {}, requests = {} } = resources;
  const findings = amounts(limits, name, `${path}.limits`);
  for (const [resource, text] of Object.entries(requests)) {
    const at = `${path}.requests[${resource}]`;
    findings.push(...name(at, resource), ...resourceAmount(at, resource, text));
    findings.push(...requestWithinLimit(resource, text, limits, path), ...hugePagesAmount(at, resource, text));
  }
  const all = [...Object.keys(limits), ...Object.keys(requests)];
  if (all.some(isHugePages) && !all.includes("cpu") && !all.includes("memory"))
    findings.push(forbidden(path, "HugePages require cpu or memory"));
  return [...findings, ...claimNames(resources, claims, `${path}.claims`)];
}

function amounts(map: Amounts, name: NameRule, path: string): FieldError[] {
  return Object.entries(map).flatMap(([resource, text]) => {
    const at = `${path}[${resource}]`;
    return [...name(at, resource), ...resourceAmount(at, resource, text), ...hugePagesAmount(at, resource, text)];
  });
}

function requestWithinLimit(resource: string, text: string, limits: Amounts, path: string): FieldError[] {
  const limit = getOwn(limits, resource);
  if (limit === undefined) {
    return mayOvercommit(resource)
      ? []
      : [required(`${path}.limits`, "Limit must be set for non overcommitable resources")];
  }
  const [request, most] = [tryQuantity(text), tryQuantity(limit)];
  if (request === undefined || most === undefined) return [];
  const order = compareQuantities(request, most);
  const isStrict = !mayOvercommit(resource);
  if (order === 0 || (order < 0 && !isStrict)) return [];
  const relation = isStrict ? "equal to" : "less than or equal to";
  const detail = `must be ${relation} ${resource} limit of ${canonicalQuantity(limit)}`;
  return [bad(`${path}.requests`, canonicalQuantity(text), detail)];
}

function claimNames(
  resources: DeepReadonly<ResourceRequirements>,
  claims: ReadonlySet<string>,
  path: string,
): FieldError[] {
  const seen = new Set<string>();
  return (resources.claims ?? []).flatMap(({ name, request }, index) => {
    const at = `${path}[${index}]`;
    if (!name) return [required(at)];
    const findings: FieldError[] = [];
    const key = request ? `${name}/${request}` : name;
    if (request && !seen.has(name)) findings.push(...named(`${at}.request`, request, dnsLabel(request)));
    // A claim as a whole contains each of its requests.
    const isTaken =
      seen.has(name) || seen.has(key) || (!request && [...seen].some((one) => one.startsWith(`${name}/`)));
    if (isTaken) findings.push(duplicate(at, seen.has(name) ? name : key));
    seen.add(key);
    if (!claims.has(name)) {
      const known = claims.size === 0 ? " which is empty" : `: ${[...claims].sort().join(", ")}`;
      findings.push(notFound(at, name, `must be one of the names in pod.spec.resourceClaims${known}`));
    }
    return findings;
  });
}
