import type { Service, ServiceSpec } from "../generated/types/core-v1.ts";
import type { FieldError } from "../machinery/field-error.ts";
import { bad, forbidden } from "../machinery/findings.ts";
import type { DeepReadonly } from "../machinery/object.ts";
import type { WriteContext } from "../resource.ts";
import { isHeadless, needsHealthCheck } from "./service-needs.ts";

type Spec = DeepReadonly<ServiceSpec>;

/** Addresses are for the life of a service, unless it becomes or was an ExternalName; a second family may come and go. */
export function validateServiceUpdate(
  { spec = {} }: DeepReadonly<Service>,
  { spec: old = {} }: DeepReadonly<Service>,
  { subresource }: WriteContext,
): FieldError[] {
  if (subresource === "status") return [];
  const findings: FieldError[] = [];
  if (spec.type !== "ExternalName" && old.type !== "ExternalName")
    findings.push(...clusterIps(spec, old), ...ipFamilies(spec, old));
  const isBalanced = spec.type === "LoadBalancer" && old.type === "LoadBalancer";
  if (isBalanced && spec.loadBalancerClass !== old.loadBalancerClass)
    findings.push(bad("spec.loadBalancerClass", spec.loadBalancerClass ?? null, changed));
  if (needsHealthCheck(spec) && needsHealthCheck(old) && spec.healthCheckNodePort !== old.healthCheckNodePort)
    findings.push(forbidden("spec.healthCheckNodePort", "field is immutable"));
  return findings;
}

const changed = "may not change once set";

function clusterIps(spec: Spec, old: Spec): FieldError[] {
  const { clusterIPs: now = [] } = spec;
  const { clusterIPs: before = [] } = old;
  if (isHeadless(spec) && isHeadless(old)) return [];
  const path = "spec.clusterIPs";
  if (now.length === before.length)
    return before.flatMap((ip, index) => (now[index] === ip ? [] : [bad(`${path}[${index}]`, now, changed)]));
  const findings: FieldError[] = [];
  if (now.length === 0) findings.push(bad(`${path}[0]`, now, "primary clusterIP can not be unset"));
  else if (before.length > 0 && now[0] !== before[0]) findings.push(bad(`${path}[0]`, now, changed));
  return [...findings, ...released(spec, now, before, "clusterIP")];
}

function ipFamilies(spec: Spec, old: Spec): FieldError[] {
  const { ipFamilies: now = [] } = spec;
  const { ipFamilies: before = [] } = old;
  // Headless services have no addresses to keep.
  if (isHeadless(spec) || isHeadless(old)) return [];
  const field = "spec.ipFamilies[0]";
  if (now.length === before.length)
    return before.flatMap((family, index) => (now[index] === family ? [] : [bad(field, now, changed)]));
  const findings: FieldError[] = [];
  const isFewer = now.length < before.length;
  if (isFewer && (spec.clusterIPs ?? []).length === 0)
    findings.push(bad(field, now, "primary ipFamily can not be unset"));
  if (now.length > 0 && before.length > 0 && now[0] !== before[0])
    findings.push(bad(field, spec.clusterIPs ?? null, changed));
  return [...findings, ...released(spec, now, before, "ipFamily")];
}

/** Giving the second one up must be meant. */
function released(
  { ipFamilyPolicy }: Spec,
  now: readonly string[],
  before: readonly string[],
  what: string,
): FieldError[] {
  if (now.length !== 1 || before.length < 2 || ipFamilyPolicy === "SingleStack") return [];
  const why = `must be set to 'SingleStack' when releasing the secondary ${what}`;
  return [bad("spec.ipFamilyPolicy", ipFamilyPolicy ?? null, why)];
}
