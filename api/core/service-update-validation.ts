import type { Service } from "../generated/types/core-v1.ts";
import type { FieldError } from "../machinery/field-error.ts";
import { bad, forbidden } from "../machinery/findings.ts";
import type { DeepReadonly } from "../machinery/object.ts";
import type { WriteContext } from "../resource.ts";
import { needsHealthCheck } from "./service-needs.ts";

/** Addresses are for the life of a service, unless it becomes or was an ExternalName; a second family may come and go. */
export function validateServiceUpdate(
  service: DeepReadonly<Service>,
  old: DeepReadonly<Service>,
  { subresource }: WriteContext,
): FieldError[] {
  const spec = service.spec ?? {};
  const before = old.spec ?? {};
  if (subresource === "status") return [];
  const findings: FieldError[] = [];
  if (spec.type !== "ExternalName" && before.type !== "ExternalName") {
    findings.push(
      ...kept("clusterIPs", spec.clusterIPs ?? [], before.clusterIPs ?? [], "primary clusterIP can not be unset"),
    );
    findings.push(
      ...kept("ipFamilies", spec.ipFamilies ?? [], before.ipFamilies ?? [], "primary ipFamily can not be unset"),
    );
  }
  if (
    spec.type === "LoadBalancer" &&
    before.type === "LoadBalancer" &&
    spec.loadBalancerClass !== before.loadBalancerClass
  ) {
    findings.push(bad("spec.loadBalancerClass", spec.loadBalancerClass ?? null, "may not change once set"));
  }
  if (needsHealthCheck(spec) && needsHealthCheck(before) && spec.healthCheckNodePort !== before.healthCheckNodePort) {
    findings.push(forbidden("spec.healthCheckNodePort", "field is immutable"));
  }
  return findings;
}

function kept(field: string, now: readonly string[], before: readonly string[], unset: string): FieldError[] {
  if (!before[0]) return [];
  if (now.length === 0) return [bad(`spec.${field}[0]`, now, unset)];
  const findings: FieldError[] = [];
  for (const index of [0, 1]) {
    if (now[index] !== undefined && before[index] !== undefined && now[index] !== before[index]) {
      findings.push(bad(`spec.${field}[${index}]`, now, "may not change once set"));
    }
  }
  return findings;
}
