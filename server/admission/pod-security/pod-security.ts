import type { Pod } from "../../../api/generated/types/core-v1.ts";
import type { PodLike, Violation } from "../../../api/core/pod-security/check.ts";
import { describeDetails, evaluatePod } from "../../../api/core/pod-security/evaluate.ts";
import {
  describeLabels,
  formatLevelVersion,
  isStricter,
  labelPrefix,
  type LevelVersion,
  type Mode,
  modes,
  type Policy,
  policyOf,
  sameLevelVersion,
} from "../../../api/core/pod-security/policy.ts";
import { deepEqual } from "../../../api/machinery/equal.ts";
import { describeFieldError, type FieldError, invalid } from "../../../api/machinery/field-error.ts";
import type { DeepReadonly, KubeObject } from "../../../api/machinery/object.ts";
import { ApiError } from "../../../api/machinery/status.ts";
import { aggregate, forbid } from "../forbid.ts";
import type { ObjectReader } from "../object-reader.ts";
import type { AdmissionPlugin, AdmissionRequest } from "../plugin.ts";
import type { PodSecuritySettings } from "./configuration.ts";
import { warnAboutExistingPods } from "./existing-pods.ts";
import { hasPodTemplate, podLike, templateOf } from "./pod-of.ts";
import { isSignificantUpdate } from "./significant-update.ts";

interface Deps {
  readonly settings: PodSecuritySettings;
  readonly objects: Pick<ObjectReader, "find" | "list">;
}

/** Pods' subresources that leave the pod's spec alone. */
const ignoredSubresources: ReadonlySet<string> = new Set([
  "attach",
  "binding",
  "eviction",
  "exec",
  "log",
  "portforward",
  "proxy",
  "status",
]);

/** https://kubernetes.io/docs/concepts/security/pod-security-admission/ */
export function podSecurity(deps: Deps): AdmissionPlugin {
  return {
    name: "PodSecurity",
    async validate(request) {
      const { operation, kind, subresource } = request;
      if (operation !== "CREATE" && operation !== "UPDATE") return;
      const { group, resource } = kind.row.groupResource;
      if (group === "" && resource === "namespaces" && subresource === "") return validateNamespace(request, deps);
      if (group === "" && resource === "pods" && !ignoredSubresources.has(subresource))
        return validatePod(request, deps);
      if (subresource === "" && hasPodTemplate(kind.row.groupResource)) return validateWorkload(request, deps);
    },
  };
}

function labelsOf(object: DeepReadonly<KubeObject> | undefined): Readonly<Record<string, string>> {
  return object?.metadata?.labels ?? {};
}

async function validateNamespace(request: AdmissionRequest, { settings, objects }: Deps): Promise<void> {
  const { object, old, kind, operation } = request;
  const name = object?.metadata?.name ?? request.name;
  const now = policyOf(labelsOf(object), settings.defaults);
  const before = operation === "CREATE" ? undefined : policyOf(labelsOf(old), settings.defaults);
  // Labels that were wrong already may stay so.
  if (now.problems.length > 0 && !deepEqual(now.problems, before?.problems))
    throw invalid({ group: kind.row.group, kind: kind.row.kind }, name, now.problems);
  const { enforce } = now.policy;
  if (before !== undefined && !isTightened(enforce, before.policy.enforce)) return;
  if (settings.exempt.namespaces.has(name)) return warnExempt(request, name, now.policy, settings);
  if (before === undefined) return;
  const pods = (await objects.list<Pod>("pods", name)).filter((pod) => !isExemptRuntime(podLike(pod), settings));
  for (const text of await warnAboutExistingPods(name, enforce, pods)) request.warn(text);
}

function isTightened(now: LevelVersion, before: LevelVersion): boolean {
  if (sameLevelVersion(now, before) || now.level === "privileged") return false;
  return now.version !== before.version || isStricter(now.level, before.level);
}

function warnExempt(request: AdmissionRequest, name: string, policy: Policy, { defaults }: PodSecuritySettings): void {
  if (modes.every((mode) => policy[mode].level === "privileged")) return;
  if (modes.every((mode) => sameLevelVersion(policy[mode], defaults[mode]))) return;
  const labels = describeLabels(labelsOf(request.object), policy);
  request.warn(
    `namespace ${JSON.stringify(name)} is exempt from Pod Security, and the policy (${labels}) will be ignored`,
  );
}

async function validatePod(request: AdmissionRequest, deps: Deps): Promise<void> {
  const { object, old, namespace } = request;
  if (object === undefined || isExempt(request, deps.settings)) return;
  const found = await deps.objects.find("namespaces", "", namespace);
  if (found === undefined) {
    annotate(request, "error", `failed to lookup namespace "${namespace}"`);
    throw new ApiError("InternalError", `Internal error occurred: failed to lookup namespace "${namespace}"`);
  }
  const { policy, problems } = policyOf(labelsOf(found), deps.settings.defaults);
  if (problems.length === 0 && modes.every((mode) => policy[mode].level === "privileged"))
    return annotate(request, "enforce-policy", "privileged:latest");
  const pod = podLike(object);
  if (request.operation === "UPDATE" && old !== undefined && !isSignificantUpdate(pod, podLike(old))) return;
  judge(request, pod, { policy, problems, settings: deps.settings, modes: ["enforce", "audit", "warn"] });
}

async function validateWorkload(request: AdmissionRequest, deps: Deps): Promise<void> {
  const { object, namespace, kind } = request;
  if (object === undefined || isExempt(request, deps.settings)) return;
  const found = await deps.objects.find("namespaces", "", namespace);
  if (found === undefined) return annotate(request, "error", `failed to lookup namespace "${namespace}"`);
  const { policy, problems } = policyOf(labelsOf(found), deps.settings.defaults);
  if (problems.length === 0 && policy.warn.level === "privileged" && policy.audit.level === "privileged") return;
  const template = templateOf(kind.row.groupResource, object);
  if (template === undefined) return;
  judge(request, template, { policy, problems, settings: deps.settings, modes: ["audit", "warn"] });
}

interface Judged {
  readonly policy: Policy;
  readonly problems: readonly FieldError[];
  readonly settings: PodSecuritySettings;
  readonly modes: readonly Mode[];
}

function judge(request: AdmissionRequest, pod: PodLike, { policy, problems, settings, modes: asked }: Judged): void {
  if (isExemptRuntime(pod, settings)) return annotate(request, "exempt", "runtimeClass");
  if (problems.length > 0) annotate(request, "error", `Failed to parse policy: ${told(problems)}`);
  const violations = violationsBy(pod);
  if (asked.includes("enforce")) annotate(request, "enforce-policy", formatLevelVersion(policy.enforce));
  const audited = violations(policy.audit);
  if (audited.length > 0)
    annotate(request, "audit-violations", `would ${describeViolation(policy.audit, audited, "violate")}`);
  const refused = asked.includes("enforce") ? violations(policy.enforce) : [];
  // One that is refused need not be warned about.
  if (refused.length > 0) throw forbid(request, describeViolation(policy.enforce, refused, "violates"));
  const warned = violations(policy.warn);
  if (warned.length > 0) request.warn(`would ${describeViolation(policy.warn, warned, "violate")}`);
}

/** Modes often share a level: each is asked once. */
function violationsBy(pod: PodLike): (policy: LevelVersion) => readonly Violation[] {
  const known = new Map<string, readonly Violation[]>();
  return (policy) => {
    const key = formatLevelVersion(policy);
    let found = known.get(key);
    if (found === undefined) {
      found = evaluatePod(policy, pod);
      known.set(key, found);
    }
    return found;
  };
}

function describeViolation(policy: LevelVersion, violations: readonly Violation[], verb: string): string {
  return `${verb} PodSecurity "${formatLevelVersion(policy)}": ${describeDetails(violations)}`;
}

function isExempt(request: AdmissionRequest, { exempt }: PodSecuritySettings): boolean {
  const why = exempt.namespaces.has(request.namespace)
    ? "namespace"
    : exempt.usernames.has(request.user.name)
      ? "user"
      : "";
  if (why !== "") annotate(request, "exempt", why);
  return why !== "";
}

function isExemptRuntime({ spec }: PodLike, { exempt }: PodSecuritySettings): boolean {
  return Boolean(spec.runtimeClassName) && exempt.runtimeClasses.has(spec.runtimeClassName ?? "");
}

function annotate(request: AdmissionRequest, key: string, value: string): void {
  request.annotate(`${labelPrefix}${key}`, value);
}

function told(problems: readonly FieldError[]): string {
  return aggregate(problems.map((problem) => `${problem.field}: ${describeFieldError(problem)}`));
}
