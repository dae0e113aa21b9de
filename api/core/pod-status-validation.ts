/** What a node, or a controller, may say of a pod. */
import type {
  ContainerStatus,
  Pod,
  PodCondition,
  PodResourceClaimStatus,
  PodSpec,
} from "../generated/types/core-v1.ts";
import type { FieldError } from "../machinery/field-error.ts";
import { bad, duplicate, forbidden, immutable, named } from "../machinery/findings.ts";
import { ipProblems, parseIp } from "../machinery/ip.ts";
import { dnsSubdomain, labelKey } from "../machinery/names.ts";
import type { DeepReadonly } from "../machinery/object.ts";
import { validateReports } from "./container-status-validation.ts";
import { mayRestart, restartsAll } from "./container-restarts.ts";

type ReadonlyPod = DeepReadonly<Pod>;
type Spec = DeepReadonly<PodSpec>;

const nothing: Spec = { containers: [] };

export function validatePodStatus(pod: ReadonlyPod, old: ReadonlyPod): FieldError[] {
  const { status = {}, spec = nothing } = pod;
  const before = old.status ?? {};
  return [
    ...conditions(status.conditions ?? [], "status.conditions"),
    ...nomination(pod, old),
    ...observed("status.observedGeneration", status.observedGeneration),
    ...immutable("status.qosClass", status.qosClass, before.qosClass),
    ...revivals(pod, old),
    ...claims(status.resourceClaimStatuses ?? [], spec, "status.resourceClaimStatuses"),
    ...addresses("podIPs", status.podIPs ?? [], before.podIPs ?? []),
    ...hostAddresses(pod, old),
    ...validateReports(pod),
  ];
}

function observed(field: string, generation: number | undefined): FieldError[] {
  return generation !== undefined && generation < 0 ? [bad(field, generation, "must be a non-negative integer")] : [];
}

const own: ReadonlySet<string> = new Set(["PodScheduled", "Ready", "Initialized"]);

function conditions(list: readonly DeepReadonly<PodCondition>[], path: string): FieldError[] {
  return list.flatMap(({ type = "", observedGeneration }, index) => [
    ...observed(`${path}[${index}].observedGeneration`, observedGeneration),
    ...(own.has(type) ? [] : named(`${path}[${index}].Type`, type, labelKey(type))),
  ]);
}

/** The node that makes room for the pod. */
function nomination(pod: ReadonlyPod, old: ReadonlyPod): FieldError[] {
  const node = pod.status?.nominatedNodeName ?? "";
  if (node === "" || node === old.status?.nominatedNodeName) return [];
  const field = "status.nominatedNodeName";
  const findings = named(field, node, dnsSubdomain(node));
  if (old.spec?.nodeName) findings.push(forbidden(field, "may not be set on pods that are already bound to a node"));
  return findings;
}

/** A container that has ended for good must not be reported as alive again. */
function revivals(pod: ReadonlyPod, old: ReadonlyPod): FieldError[] {
  const spec = old.spec ?? nothing;
  const never = (): boolean => false;
  const mayOf =
    (list: "containers" | "initContainers") =>
    (name: string, exitCode: number): boolean => {
      const container = (spec[list] ?? []).find((one) => one.name === name);
      return container !== undefined && mayRestart(container, spec, exitCode);
    };
  const lists = [
    ["containerStatuses", restartsAll(spec) ? undefined : mayOf("containers")],
    ["initContainerStatuses", restartsAll(spec) ? undefined : mayOf("initContainers")],
    ["ephemeralContainerStatuses", never],
  ] as const;
  return lists.flatMap(([list, may]) =>
    may === undefined ? [] : revived(pod.status?.[list] ?? [], old.status?.[list] ?? [], may, `status.${list}`),
  );
}

type Statuses = readonly DeepReadonly<ContainerStatus>[];

function revived(
  now: Statuses,
  before: Statuses,
  may: (name: string, exitCode: number) => boolean,
  path: string,
): FieldError[] {
  return before.flatMap(({ name, state }, index) => {
    const ended = state?.terminated;
    if (ended === undefined || may(name, ended.exitCode ?? 0)) return [];
    const isAlive = now.some((status) => status.name === name && status.state?.terminated === undefined);
    return isAlive ? [forbidden(`${path}[${index}].state`, "may not be transitioned to non-terminated state")] : [];
  });
}

function claims(
  list: readonly DeepReadonly<PodResourceClaimStatus>[],
  { resourceClaims = [] }: Spec,
  path: string,
): FieldError[] {
  const known = new Set(resourceClaims.map(({ name }) => name));
  const seen = new Set<string>();
  return list.flatMap(({ name, resourceClaimName: claim }, index) => {
    const field = `${path}[${index}].name`;
    const findings: FieldError[] = [];
    if (!known.has(name)) findings.push(bad(field, name, "must match the name of an entry in `spec.resourceClaims`"));
    if (seen.has(name)) findings.push(duplicate(field, name));
    seen.add(name);
    return claim === undefined ? findings : [...findings, ...named(field, claim, dnsSubdomain(claim))];
  });
}

type Addresses = readonly { readonly ip?: string }[];

/** One of each family at most. Strange ones that were there before may stay. */
function addresses(list: "podIPs" | "hostIPs", now: Addresses, before: Addresses): FieldError[] {
  const path = `status.${list}`;
  const known = new Set(before.map(({ ip }) => ip));
  const findings = now.flatMap(({ ip = "" }, index) =>
    known.has(ip) ? [] : named(`${path}[${index}]`, ip, ipProblems(ip)),
  );
  if (now.length < 2) return findings;
  const families = new Set(now.map(({ ip = "" }) => parseIp(ip)?.family));
  if (now.length > 2 || families.size < 2)
    findings.push(bad(path, now, "may specify no more than one IP for each IP family"));
  return findings;
}

function hostAddresses(pod: ReadonlyPod, old: ReadonlyPod): FieldError[] {
  const { hostIP = "", hostIPs = [] } = pod.status ?? {};
  const [first] = hostIPs;
  if (first === undefined) return [];
  const findings = addresses("hostIPs", hostIPs, old.status?.hostIPs ?? []);
  if ((first.ip ?? "") === hostIP) return findings;
  return [bad("status.hostIPs[0].ip", first.ip ?? "", "must be equal to `hostIP`"), ...findings];
}
