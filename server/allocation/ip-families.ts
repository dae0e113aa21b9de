import type { FieldError } from "../../api/machinery/field-error.ts";
import type { ServiceSpec } from "../../api/generated/types/core-v1.ts";
import { parseIp, type IpFamily } from "../../api/machinery/ip.ts";
import type { DeepReadonly } from "../../api/machinery/object.ts";
import { bad } from "../../api/machinery/findings.ts";
import { semanticEqual } from "../../api/machinery/equal.ts";
import { isHeadless } from "../../api/core/service-needs.ts";

type Old = DeepReadonly<ServiceSpec> | undefined;

/**
 * Settles ipFamilyPolicy and ipFamilies by what the writer said, what the service had and what the cluster has
 * (its own family first). Nothing goes from one family to two, or back, unless the writer says so.
 * https://kubernetes.io/docs/concepts/services-networking/dual-stack/#services
 */
export function settleIpFamilies(spec: ServiceSpec, old: Old, configured: readonly IpFamily[]): readonly FieldError[] {
  if (spec.type === "ExternalName" || staysPreferred(spec, old)) return [];
  spec.ipFamilyPolicy ??= old?.ipFamilyPolicy ?? (isBare(spec) ? "RequireDualStack" : "SingleStack");
  const findings = [...reduce(spec, old), ...checkSingle(spec), ...inferFamilies(spec, configured)];
  if (findings.length > 0) return findings;
  if (isBare(spec)) {
    // Whoever makes the endpoints of such a service knows its families; the cluster need not have them.
    complete(spec, configured[0] ?? "IPv4", 2);
    return [];
  }
  const unmet = checkConfigured(spec, configured);
  if (unmet.length === 0) complete(spec, configured[0] ?? "IPv4", configured.length);
  return unmet;
}

/** Headless, and without a selector. */
function isBare(spec: ServiceSpec): boolean {
  return isHeadless(spec) && Object.keys(spec.selector ?? {}).length === 0;
}

/** A service that prefers two families keeps what it has, also where the cluster has got a second one since. */
function staysPreferred(spec: ServiceSpec, old: Old): boolean {
  return (
    old !== undefined &&
    old.type === spec.type &&
    spec.ipFamilyPolicy === "PreferDualStack" &&
    (old.ipFamilyPolicy ?? "PreferDualStack") === "PreferDualStack" &&
    semanticEqual(spec.clusterIPs, old.clusterIPs) &&
    semanticEqual(spec.ipFamilies, old.ipFamilies)
  );
}

/** SingleStack alone is a clear wish to give the second family up; a shorter list without it is not. */
function reduce(spec: ServiceSpec, old: Old): FieldError[] {
  if (old === undefined) return [];
  if (spec.ipFamilyPolicy === "SingleStack") {
    if (semanticEqual(spec.clusterIPs, old.clusterIPs)) spec.clusterIPs?.splice(1);
    if (semanticEqual(spec.ipFamilies, old.ipFamilies)) spec.ipFamilies?.splice(1);
    return [];
  }
  const isShorter = (now: readonly string[] = [], before: readonly string[] = []): boolean =>
    now.length > 0 && now.length < before.length;
  const findings: FieldError[] = [];
  const refuse = (what: string): void => {
    findings.push(
      bad("spec.ipFamilyPolicy", spec.ipFamilyPolicy, `must be 'SingleStack' to release the secondary ${what}`),
    );
  };
  if (isShorter(spec.clusterIPs, old.clusterIPs)) refuse("cluster IP");
  if (isShorter(spec.ipFamilies, old.ipFamilies)) refuse("IP family");
  return findings;
}

function checkSingle({ ipFamilyPolicy, clusterIPs, ipFamilies }: ServiceSpec): FieldError[] {
  if (ipFamilyPolicy !== "SingleStack") return [];
  const findings: FieldError[] = [];
  const refuse = (what: string): void => {
    const why = `must be 'RequireDualStack' or 'PreferDualStack' when multiple ${what} are specified`;
    findings.push(bad("spec.ipFamilyPolicy", ipFamilyPolicy, why));
  };
  if (clusterIPs?.length === 2) refuse("cluster IPs");
  if (ipFamilies?.length === 2) refuse("IP families");
  return findings;
}

/** Addresses that were asked for name their families. */
function inferFamilies(spec: ServiceSpec, configured: readonly IpFamily[]): FieldError[] {
  const findings: FieldError[] = [];
  if (isHeadless(spec)) return findings;
  for (const [index, text] of (spec.clusterIPs ?? []).entries()) {
    const family = parseIp(text)?.family;
    if (family === undefined || index < (spec.ipFamilies?.length ?? 0)) continue;
    if (configured.includes(family)) (spec.ipFamilies ??= []).push(family);
    else
      findings.push(bad(`spec.clusterIPs[${index}]`, spec.clusterIPs, `${family} is not configured on this cluster`));
  }
  return findings;
}

function checkConfigured(
  { ipFamilyPolicy, ipFamilies = [] }: ServiceSpec,
  configured: readonly string[],
): FieldError[] {
  const findings: FieldError[] = [];
  if (ipFamilyPolicy === "RequireDualStack" && configured.length < 2)
    findings.push(bad("spec.ipFamilyPolicy", ipFamilyPolicy, "this cluster is not configured for dual-stack services"));
  for (const [index, family] of ipFamilies.entries())
    if (!configured.includes(family))
      findings.push(bad(`spec.ipFamilies[${index}]`, family, "not configured on this cluster"));
  return findings;
}

function complete(spec: ServiceSpec, primary: IpFamily, available: number): void {
  const families = (spec.ipFamilies ??= []);
  if (families.length === 0) families.push(primary);
  if (families.length === 1 && spec.ipFamilyPolicy !== "SingleStack" && available === 2)
    families.push(families[0] === "IPv4" ? "IPv6" : "IPv4");
}
