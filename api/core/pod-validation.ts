import type { PodSpec, PodTemplateSpec } from "../generated/types/core-v1.ts";
import type { FieldError } from "../machinery/field-error.ts";
import { bad, between, duplicate, forbidden, named, required, requiredName } from "../machinery/findings.ts";
import { ipProblems } from "../machinery/ip.ts";
import { validateLabels } from "../machinery/label-validation.ts";
import { dnsLabel, dnsSubdomain, dnsSubdomainWithUnderscore, labelKey } from "../machinery/names.ts";
import type { DeepReadonly } from "../machinery/object.ts";
import { validateContainers, validateEphemeralContainers, validateInitContainers } from "./container-validation.ts";
import { validateAffinity, validateTolerations, validateTopologySpread } from "./pod-scheduling-validation.ts";
import { validateResources } from "./resource-requirements-validation.ts";
import { validateVolumes } from "./volume-validation.ts";

/** What the pod template of a workload must be like: the same as a pod, without what only a running pod has. */
export function validatePodTemplate(template: DeepReadonly<PodTemplateSpec>, path: string): FieldError[] {
  const spec = template.spec;
  return [
    ...validateLabels(`${path}.metadata.labels`, template.metadata?.labels),
    ...Object.keys(template.metadata?.annotations ?? {}).flatMap((key) =>
      named(`${path}.metadata.annotations`, key, labelKey(key.toLowerCase())),
    ),
    ...validatePodSpec(spec ?? { containers: [] }, `${path}.spec`),
    ...((spec?.ephemeralContainers?.length ?? 0) > 0
      ? [forbidden(`${path}.spec.ephemeralContainers`, "ephemeral containers not allowed in pod template")]
      : []),
  ];
}

export function validatePodSpec(spec: DeepReadonly<PodSpec>, path: string): FieldError[] {
  const volumes = new Map((spec.volumes ?? []).map((volume) => [volume.name, volume]));
  const surroundings = {
    volumes,
    hostNetwork: spec.hostNetwork === true,
    claims: new Set((spec.resourceClaims ?? []).map(({ name }) => name)),
  };
  return [
    ...validateVolumes(spec.volumes ?? [], `${path}.volumes`),
    ...validateContainers(spec.containers, surroundings, `${path}.containers`),
    ...validateInitContainers(spec.initContainers ?? [], spec.containers, surroundings, `${path}.initContainers`),
    ...validateEphemeralContainers(spec, surroundings, `${path}.ephemeralContainers`),
    ...(spec.resources === undefined
      ? []
      : validateResources(spec.resources, surroundings.claims, `${path}.resources`)),
    ...validateLabels(`${path}.nodeSelector`, spec.nodeSelector),
    ...names(spec, path),
    ...validateAffinity(spec.affinity, `${path}.affinity`),
    ...validateTolerations(spec.tolerations ?? [], `${path}.tolerations`),
    ...validateTopologySpread(spec.topologySpreadConstraints ?? [], `${path}.topologySpreadConstraints`),
    ...between(`${path}.activeDeadlineSeconds`, spec.activeDeadlineSeconds, 1, 2_147_483_647),
    ...podSecurityContext(spec, path),
    ...dns(spec, path),
    ...gates(spec, path),
  ];
}

function names(spec: DeepReadonly<PodSpec>, path: string): FieldError[] {
  const optional = (
    field: string,
    value: string | undefined,
    rule: (value: string) => readonly string[],
  ): FieldError[] => (value === undefined || value === "" ? [] : named(`${path}.${field}`, value, rule(value)));
  return [
    ...optional("serviceAccountName", spec.serviceAccountName, dnsSubdomain),
    ...optional("nodeName", spec.nodeName, dnsSubdomain),
    ...optional("hostname", spec.hostname, dnsLabel),
    ...optional("subdomain", spec.subdomain, dnsLabel),
    ...optional("priorityClassName", spec.priorityClassName, dnsSubdomain),
    ...optional("runtimeClassName", spec.runtimeClassName, dnsSubdomain),
    ...optional("schedulerName", spec.schedulerName, dnsSubdomain),
    ...(spec.imagePullSecrets ?? []).flatMap(({ name }, index) =>
      name ? [] : [required(`${path}.imagePullSecrets[${index}].name`)],
    ),
    ...(spec.hostAliases ?? []).flatMap(({ ip, hostnames }, index) => [
      ...named(`${path}.hostAliases[${index}].ip`, ip, ipProblems(ip)),
      ...(hostnames ?? []).flatMap((host) =>
        named(`${path}.hostAliases[${index}].hostnames`, host, dnsSubdomain(host)),
      ),
    ]),
  ];
}

function podSecurityContext(spec: DeepReadonly<PodSpec>, path: string): FieldError[] {
  const context = spec.securityContext;
  const at = `${path}.securityContext`;
  const findings = [
    ...between(`${at}.runAsUser`, context?.runAsUser, 0, 2_147_483_647),
    ...between(`${at}.runAsGroup`, context?.runAsGroup, 0, 2_147_483_647),
    ...between(`${at}.fsGroup`, context?.fsGroup, 0, 2_147_483_647),
    ...(context?.supplementalGroups ?? []).flatMap((group, index) =>
      between(`${at}.supplementalGroups[${index}]`, group, 0, 2_147_483_647),
    ),
  ];
  if (spec.shareProcessNamespace === true && spec.hostPID === true) {
    findings.push(
      bad(`${path}.shareProcessNamespace`, true, "ShareProcessNamespace and HostPID cannot both be enabled"),
    );
  }
  return findings;
}

/** What the resolver of glibc 2.26 takes. */
const mostSearches = 32;
const longestSearches = 2048;

function dnsSearches(searches: readonly string[], path: string): FieldError[] {
  const findings: FieldError[] = [];
  if (searches.length > mostSearches)
    findings.push(bad(path, searches, `must not have more than ${mostSearches} search paths`));
  if (searches.join(" ").length > longestSearches) {
    const detail = `must not have more than ${longestSearches} characters (including spaces) in the search list`;
    findings.push(bad(path, searches, detail));
  }
  for (const [index, search] of searches.entries()) {
    if (search === ".") continue;
    findings.push(...named(`${path}[${index}]`, search, dnsSubdomainWithUnderscore(search.replace(/\.$/, ""))));
  }
  return findings;
}

function dns(spec: DeepReadonly<PodSpec>, path: string): FieldError[] {
  const at = `${path}.dnsConfig`;
  const nameservers = spec.dnsConfig?.nameservers ?? [];
  const findings: FieldError[] = [];
  if (spec.dnsPolicy === "None") {
    if (spec.dnsConfig === undefined) return [required(at, "must provide `dnsConfig` when `dnsPolicy` is None")];
    if (nameservers.length === 0)
      findings.push(required(`${at}.nameservers`, "must provide at least one DNS nameserver when `dnsPolicy` is None"));
  }
  if (nameservers.length > 3)
    findings.push(bad(`${at}.nameservers`, nameservers, "must not have more than 3 nameservers"));
  findings.push(...nameservers.flatMap((ip, index) => named(`${at}.nameservers[${index}]`, ip, ipProblems(ip))));
  findings.push(...dnsSearches(spec.dnsConfig?.searches ?? [], `${at}.searches`));
  for (const [index, option] of (spec.dnsConfig?.options ?? []).entries()) {
    if (!option.name) findings.push(required(`${at}.options[${index}]`, "must not be empty"));
  }
  return findings;
}

function gates(spec: DeepReadonly<PodSpec>, path: string): FieldError[] {
  const seen = new Set<string>();
  const findings = (spec.readinessGates ?? []).flatMap(({ conditionType }, index) =>
    named(`${path}.readinessGates[${index}].conditionType`, conditionType, labelKey(conditionType)),
  );
  for (const [index, { name }] of (spec.schedulingGates ?? []).entries()) {
    const at = `${path}.schedulingGates[${index}]`;
    findings.push(...requiredName(at, name, labelKey));
    if (seen.has(name)) findings.push(duplicate(at, name));
    seen.add(name);
  }
  return findings;
}
