import type {
  DeviceClaim,
  DeviceConstraint,
  DeviceRequest,
  DeviceSelector,
  DeviceSubRequest,
} from "../generated/types/resource-v1.ts";
import type { FieldError } from "../machinery/field-error.ts";
import { bad, named, required, requiredName, tooLong, unsupported } from "../machinery/findings.ts";
import { dnsLabel, dnsSubdomain } from "../machinery/names.ts";
import type { DeepReadonly } from "../machinery/object.ts";
import { validateConfiguration } from "./device-configuration.ts";
import { validateList } from "./device-lists.ts";
import { validateFullName } from "./device-names.ts";
import { validateTolerations } from "./device-taints.ts";

const most = { requests: 32, alternatives: 8, selectors: 32, constraints: 32, configurations: 32 };
const longestExpression = 10 * 1024;

type Claim = DeepReadonly<DeviceClaim>;

/** What a claim asks for. CEL selectors are compiled by the allocator, not here. */
export function validateDeviceClaim(claim: Claim, path: string): FieldError[] {
  return [
    ...validateList(claim.requests, `${path}.requests`, {
      most: most.requests,
      item: validateRequest,
      key: ({ name }) => name,
    }),
    ...validateList(claim.constraints, `${path}.constraints`, {
      most: most.constraints,
      item: (constraint, at) => validateConstraint(constraint, at, claim),
    }),
    ...validateList(claim.config, `${path}.config`, {
      most: most.configurations,
      item: (config, at) => [
        ...validateRequestRefs(config.requests, `${at}.requests`, claim),
        ...validateConfiguration(config, at),
      ],
    }),
  ];
}

function validateRequest(
  { name, exactly, firstAvailable = [] }: DeepReadonly<DeviceRequest>,
  path: string,
): FieldError[] {
  const findings = requiredName(`${path}.name`, name, dnsLabel);
  const which = "exactly one of `exactly` or `firstAvailable` is required";
  if (exactly === undefined && firstAvailable.length === 0) return [...findings, required(path, which)];
  if (exactly !== undefined && firstAvailable.length > 0)
    return [...findings, bad(path, null, `${which}, but multiple fields are set`)];
  if (exactly !== undefined) return [...findings, ...validateExact(exactly, `${path}.exactly`)];
  return [
    ...findings,
    ...validateList(firstAvailable, `${path}.firstAvailable`, {
      most: most.alternatives,
      item: (request, at) => [...requiredName(`${at}.name`, request.name, dnsLabel), ...validateExact(request, at)],
      key: (request) => request.name,
    }),
  ];
}

function validateExact(
  { deviceClassName, selectors, allocationMode, count = 0, tolerations }: DeepReadonly<Omit<DeviceSubRequest, "name">>,
  path: string,
): FieldError[] {
  return [
    ...requiredName(`${path}.deviceClassName`, deviceClassName, dnsSubdomain),
    ...validateSelectors(selectors ?? [], `${path}.selectors`),
    ...validateCount(allocationMode, count, path),
    ...validateTolerations(tolerations, `${path}.tolerations`),
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
  return validateList(selectors, path, {
    most: most.selectors,
    item({ cel }, at) {
      if (cel === undefined) return [required(`${at}.cel`)];
      if (!cel.expression) return [required(`${at}.cel.expression`)];
      return Buffer.byteLength(cel.expression) > longestExpression
        ? [tooLong(`${at}.cel.expression`, longestExpression)]
        : [];
    },
  });
}

function validateConstraint(constraint: DeepReadonly<DeviceConstraint>, path: string, claim: Claim): FieldError[] {
  const { requests, matchAttribute: match, distinctAttribute: distinct } = constraint;
  const findings = validateRequestRefs(requests, `${path}.requests`, claim);
  if (match !== undefined) return [...findings, ...validateFullName(match, `${path}.matchAttribute`)];
  if (distinct !== undefined) return [...findings, ...validateFullName(distinct, `${path}.distinctAttribute`)];
  const detail = 'exactly one of "matchAttribute" or "distinctAttribute" is required, but multiple fields are set';
  return [...findings, required(path, detail)];
}

export function validateRequestRefs(requests: readonly string[] | undefined, path: string, claim: Claim): FieldError[] {
  return validateList(requests, path, {
    most: most.requests,
    item: (name, at) => validateRequestRef(name, at, claim),
    key: (name) => name,
  });
}

/** `request`, or `request/alternative`. */
export function validateRequestRef(name: string, path: string, claim: Claim): FieldError[] {
  const parts = name.split("/");
  const unknown = bad(
    path,
    name,
    "must be the name of a request in the claim or the name of a request and a subrequest separated by '/'",
  );
  if (parts.length > 2) return [unknown];
  const findings = parts.flatMap((part) => named(path, part, dnsLabel(part)));
  const [first, alternative] = parts;
  const request = claim.requests?.find((one) => one.name === first);
  const known =
    request !== undefined &&
    (alternative === undefined || (request.firstAvailable ?? []).some((one) => one.name === alternative));
  return known ? findings : [...findings, unknown];
}
