import type { DeviceClaim, DeviceRequest, DeviceSelector } from "../generated/types/resource-v1.ts";
import type { FieldError } from "../machinery/field-error.ts";
import { bad, duplicate, required, requiredName, tooMany, unsupported } from "../machinery/findings.ts";
import { dnsLabel, dnsSubdomain } from "../machinery/names.ts";
import type { DeepReadonly } from "../machinery/object.ts";

const mostRequests = 32;

/** What a claim asks for. CEL selectors are compiled by the allocator, not here. */
export function validateDeviceClaim(claim: DeepReadonly<DeviceClaim>, path: string): FieldError[] {
  const requests = claim.requests ?? [];
  const findings: FieldError[] = [];
  if (requests.length > mostRequests) findings.push(tooMany(`${path}.requests`, requests.length, mostRequests));
  const seen = new Set<string>();
  for (const [index, request] of requests.entries()) {
    const at = `${path}.requests[${index}]`;
    findings.push(...requiredName(`${at}.name`, request.name, dnsLabel));
    if (seen.has(request.name)) findings.push(duplicate(`${at}.name`, request.name));
    seen.add(request.name);
    findings.push(...validateRequest(request, at));
  }
  return findings;
}

function validateRequest({ exactly, firstAvailable = [] }: DeepReadonly<DeviceRequest>, path: string): FieldError[] {
  if (exactly === undefined && firstAvailable.length === 0) {
    return [required(path, "exactly one of `exactly` or `firstAvailable` is required")];
  }
  if (exactly !== undefined && firstAvailable.length > 0) {
    return [bad(path, null, "exactly one of `exactly` or `firstAvailable` is required, but multiple fields are set")];
  }
  if (exactly !== undefined) return validateExact(exactly, `${path}.exactly`);
  return firstAvailable.flatMap((request, index) => [
    ...requiredName(`${path}.firstAvailable[${index}].name`, request.name, dnsLabel),
    ...validateExact(request, `${path}.firstAvailable[${index}]`),
  ]);
}

interface Exact {
  readonly deviceClassName: string;
  readonly selectors?: readonly DeepReadonly<DeviceSelector>[];
  readonly allocationMode?: string;
  readonly count?: number;
}

function validateExact({ deviceClassName, selectors, allocationMode, count = 0 }: Exact, path: string): FieldError[] {
  return [
    ...requiredName(`${path}.deviceClassName`, deviceClassName, dnsSubdomain),
    ...validateSelectors(selectors ?? [], `${path}.selectors`),
    ...validateCount(allocationMode, count, path),
  ];
}

function validateCount(mode: string | undefined, count: number, path: string): FieldError[] {
  if (mode === "All") {
    return count === 0 ? [] : [bad(`${path}.count`, count, "must not be specified when allocationMode is 'All'")];
  }
  if (mode !== "ExactCount") return [unsupported(`${path}.allocationMode`, mode ?? "", ["All", "ExactCount"])];
  return count > 0 ? [] : [bad(`${path}.count`, count, "must be greater than zero")];
}

export function validateSelectors(selectors: readonly DeepReadonly<DeviceSelector>[], path: string): FieldError[] {
  return selectors.flatMap(({ cel }, index) => {
    if (cel === undefined) return [required(`${path}[${index}].cel`)];
    return cel.expression ? [] : [required(`${path}[${index}].cel.expression`)];
  });
}
