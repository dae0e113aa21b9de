/** Names that a pod gives itself, and names of other things that it refers to. */
import type { PodResourceClaim, PodSpec } from "../generated/types/core-v1.ts";
import type { FieldError } from "../machinery/field-error.ts";
import { bad, duplicate, forbidden, named, required, tooLong } from "../machinery/findings.ts";
import { ipProblems } from "../machinery/ip.ts";
import { dnsLabel, dnsSubdomain, labelKey, type Problems } from "../machinery/names.ts";
import type { DeepReadonly } from "../machinery/object.ts";

type Spec = DeepReadonly<PodSpec>;

const rules: readonly (readonly [field: keyof PodSpec, rule: (value: string) => Problems])[] = [
  ["serviceAccountName", dnsSubdomain],
  ["nodeName", dnsSubdomain],
  ["hostname", dnsLabel],
  ["subdomain", dnsLabel],
  ["priorityClassName", dnsSubdomain],
];

export function validateNames(spec: Spec, path: string): FieldError[] {
  return [
    ...rules.flatMap(([field, rule]) => {
      const value = spec[field];
      return typeof value === "string" && value !== "" ? named(`${path}.${field}`, value, rule(value)) : [];
    }),
    ...(spec.runtimeClassName === undefined
      ? []
      : named(`${path}.runtimeClassName`, spec.runtimeClassName, dnsSubdomain(spec.runtimeClassName))),
    ...hostnameOverride(spec, `${path}.hostnameOverride`),
    ...hostAliases(spec, `${path}.hostAliases`),
  ];
}

const longestHostname = 64;

function hostnameOverride(
  { hostnameOverride: name, setHostnameAsFQDN, hostNetwork }: Spec,
  field: string,
): FieldError[] {
  if (name === undefined) return [];
  const findings: FieldError[] = [];
  if (setHostnameAsFQDN === true)
    findings.push(forbidden(field, "may not be specified when setHostnameAsFQDN is true"));
  if (hostNetwork === true) findings.push(forbidden(field, "may not be specified when hostNetwork is true"));
  if (name.length > longestHostname) findings.push(tooLong(field, longestHostname));
  return [...findings, ...named(field, name, dnsSubdomain(name))];
}

function hostAliases({ hostAliases: aliases = [] }: Spec, path: string): FieldError[] {
  return aliases.flatMap(({ ip, hostnames = [] }, index) => [
    ...named(`${path}[${index}].ip`, ip ?? "", ipProblems(ip ?? "")),
    ...hostnames.flatMap((host, hostIndex) =>
      named(`${path}[${index}].hostnames[${hostIndex}]`, host, dnsSubdomain(host)),
    ),
  ]);
}

export function validateGates({ readinessGates = [], schedulingGates = [] }: Spec, path: string): FieldError[] {
  const seen = new Set<string>();
  return [
    ...readinessGates.flatMap(({ conditionType = "" }, index) =>
      named(`${path}.readinessGates[${index}].conditionType`, conditionType, labelKey(conditionType)),
    ),
    ...schedulingGates.flatMap(({ name = "" }, index) => {
      const at = `${path}.schedulingGates[${index}]`;
      const findings = named(at, name, labelKey(name));
      if (seen.has(name)) findings.push(duplicate(at, name));
      seen.add(name);
      return findings;
    }),
  ];
}

export function validateResourceClaims(
  { resourceClaims = [] }: Spec,
  { isStatic }: { readonly isStatic: boolean },
  path: string,
): FieldError[] {
  if (isStatic) return resourceClaims.map(() => forbidden("", "static pods do not support resource claims"));
  const seen = new Set<string>();
  return resourceClaims.flatMap((claim, index) => {
    const field = `${path}[${index}].name`;
    const findings: FieldError[] = [];
    if (!claim.name) findings.push(required(field));
    else if (seen.has(claim.name)) findings.push(duplicate(field, claim.name));
    else findings.push(...named(field, claim.name, dnsLabel(claim.name)));
    seen.add(claim.name);
    return [...findings, ...claimSource(claim, `${path}[${index}]`)];
  });
}

function claimSource(claim: DeepReadonly<PodResourceClaim>, path: string): FieldError[] {
  const { resourceClaimName: name, resourceClaimTemplateName: template } = claim;
  const findings: FieldError[] = [];
  if (name !== undefined && template !== undefined)
    findings.push(
      bad(path, claim, "at most one of `resourceClaimName` or `resourceClaimTemplateName` may be specified"),
    );
  if (name === undefined && template === undefined)
    findings.push(bad(path, claim, "must specify one of: `resourceClaimName`, `resourceClaimTemplateName`"));
  if (name !== undefined) findings.push(...named(`${path}.resourceClaimName`, name, dnsSubdomain(name)));
  if (template !== undefined)
    findings.push(...named(`${path}.resourceClaimTemplateName`, template, dnsSubdomain(template)));
  return findings;
}
