import { validatePodTemplate } from "../core/pod-validation.ts";
import type { Job, JobSpec } from "../generated/types/batch-v1.ts";
import type { PodTemplateSpec } from "../generated/types/core-v1.ts";
import { semanticEqual } from "../machinery/equal.ts";
import type { FieldError } from "../machinery/field-error.ts";
import { bad, immutable, nonNegative, oneOf, required, tooLong, unsupported } from "../machinery/findings.ts";
import { selectorMatches } from "../machinery/label-selector.ts";
import { validateLabelSelector } from "../machinery/label-validation.ts";
import { dnsLabel } from "../machinery/names.ts";
import type { DeepReadonly } from "../machinery/object.ts";
import { domainPrefixedPath } from "../machinery/prefixed-path.ts";
import { validatePodFailurePolicy } from "./pod-failure-policy.ts";
import { validateSuccessPolicy } from "./success-policy.ts";

type ReadonlySpec = DeepReadonly<JobSpec>;

export function validateJobSpec(spec: ReadonlySpec, path: string): FieldError[] {
  const labels = spec.template?.metadata?.labels;
  const findings = validateJobTemplate(spec, path);
  findings.push(...validateLabelSelector(spec.selector, `${path}.selector`));
  if (spec.selector === undefined) findings.push(required(`${path}.selector`));
  else if (!selectorMatches(spec.selector, labels ?? {})) {
    const field = `${path}.template.metadata.labels`;
    findings.push(bad(field, labels ?? null, "`selector` does not match template `labels`"));
  }
  return findings;
}

/** A cron job's jobs have no selector yet: everything else must be right already. */
export function validateJobTemplate(spec: ReadonlySpec, path: string): FieldError[] {
  const { managedBy, podFailurePolicy, successPolicy, completionMode, podReplacementPolicy } = spec;
  const findings: FieldError[] = [];
  for (const field of counts) findings.push(...nonNegative(`${path}.${field}`, spec[field]));
  if (spec.maxFailedIndexes !== undefined && spec.backoffLimitPerIndex === undefined)
    findings.push(required(`${path}.backoffLimitPerIndex`, "when maxFailedIndexes is specified"));
  if (managedBy !== undefined) findings.push(...validateManagedBy(managedBy, `${path}.managedBy`));
  findings.push(...oneOf(`${path}.completionMode`, completionMode, ["Indexed", "NonIndexed"]));
  findings.push(...validateIndexing(spec, path));
  if (podFailurePolicy !== undefined) findings.push(...validatePodFailurePolicy(spec, `${path}.podFailurePolicy`));
  if (successPolicy !== undefined && completionMode !== "Indexed")
    findings.push(bad(`${path}.successPolicy`, successPolicy, "requires indexed completion mode"));
  else if (successPolicy !== undefined) findings.push(...validateSuccessPolicy(spec, `${path}.successPolicy`));
  const replacements = podFailurePolicy === undefined ? ["Failed", "TerminatingOrFailed"] : ["Failed"];
  return [
    ...findings,
    ...oneOf(`${path}.podReplacementPolicy`, podReplacementPolicy, replacements),
    ...validatePodTemplate(spec.template ?? {}, `${path}.template`),
    ...validateRestartPolicy(spec, path),
  ];
}

const counts = [
  "parallelism",
  "completions",
  "activeDeadlineSeconds",
  "backoffLimit",
  "ttlSecondsAfterFinished",
  "backoffLimitPerIndex",
  "maxFailedIndexes",
] as const;
const longestManager = 63;

function validateManagedBy(manager: string, path: string): FieldError[] {
  const findings = domainPrefixedPath(path, manager);
  return manager.length > longestManager ? [...findings, tooLong(path, longestManager)] : findings;
}

/** Above so many indexes each with its own limit, the status could not hold what became of them. */
const most = { indexes: 100_000, ofMany: 10_000 };

function validateIndexing(spec: ReadonlySpec, path: string): FieldError[] {
  const { completionMode = "NonIndexed", completions, parallelism = 0, maxFailedIndexes, backoffLimitPerIndex } = spec;
  const findings: FieldError[] = [];
  const refuse = (field: "parallelism" | "maxFailedIndexes" | "backoffLimitPerIndex", detail: string): void =>
    void findings.push(bad(`${path}.${field}`, spec[field], detail));
  if (completionMode === "NonIndexed") {
    if (backoffLimitPerIndex !== undefined) refuse("backoffLimitPerIndex", "requires indexed completion mode");
    if (maxFailedIndexes !== undefined) refuse("maxFailedIndexes", "requires indexed completion mode");
  }
  if (completionMode !== "Indexed") return findings;
  const failures = maxFailedIndexes ?? 0;
  if (completions === undefined) findings.push(required(`${path}.completions`, "when completion mode is Indexed"));
  if (parallelism > most.indexes)
    refuse("parallelism", `must be less than or equal to ${most.indexes} when completion mode is Indexed`);
  if (completions !== undefined && failures > completions)
    refuse("maxFailedIndexes", "must be less than or equal to completions");
  if (failures > most.indexes) refuse("maxFailedIndexes", `must be less than or equal to ${most.indexes}`);
  if ((completions ?? 0) <= most.indexes || backoffLimitPerIndex === undefined) return findings;
  const many = `must be less than or equal to ${most.ofMany} when completions are above ${most.indexes} and used with backoff limit per index`;
  if (maxFailedIndexes === undefined)
    findings.push(required(`${path}.maxFailedIndexes`, `must be specified when completions is above ${most.indexes}`));
  if (parallelism > most.ofMany) refuse("parallelism", many);
  if (failures > most.ofMany) refuse("maxFailedIndexes", many);
  return findings;
}

function validateRestartPolicy({ template, podFailurePolicy }: ReadonlySpec, path: string): FieldError[] {
  const policy = template?.spec?.restartPolicy ?? "";
  const at = `${path}.template.spec.restartPolicy`;
  if (policy === "" || policy === "Always") return [required(at, 'valid values: "OnFailure", "Never"')];
  if (policy !== "Never" && policy !== "OnFailure") return [unsupported(at, policy, ["OnFailure", "Never"])];
  if (policy === "Never" || podFailurePolicy === undefined) return [];
  return [bad(at, policy, 'only "Never" is supported when podFailurePolicy is specified')];
}

/** That nobody has taken the labels by which a new job finds its pods. */
export function validateGeneratedSelector({ metadata, spec }: DeepReadonly<Job>): FieldError[] {
  if (spec?.manualSelector === true || spec?.selector === undefined) return [];
  const { uid = "", name = "" } = metadata ?? {};
  const findings = uid === "" ? [required("metadata.uid")] : [];
  const own = {
    "controller-uid": uid,
    "job-name": name,
    "batch.kubernetes.io/controller-uid": uid,
    "batch.kubernetes.io/job-name": name,
  };
  const labels = spec.template?.metadata?.labels ?? {};
  for (const [key, wanted] of Object.entries(own)) {
    const path = `spec.template.metadata.labels[${key}]`;
    if (!Object.hasOwn(labels, key)) findings.push(required(path, `must be '${wanted}'`));
    else if (labels[key] !== wanted) findings.push(bad(path, labels, `must be '${wanted}'`));
  }
  if (!selectorMatches(spec.selector, own))
    findings.push(bad("spec.selector", spec.selector, "`selector` not auto-generated"));
  return findings;
}

/** The index becomes a part of the pods' hostnames. */
export function validateIndexedName({ metadata, spec }: DeepReadonly<Job>): FieldError[] {
  const { completionMode, completions = 0 } = spec ?? {};
  if (completionMode !== "Indexed" || completions <= 0) return [];
  const name = metadata?.name ?? "";
  const hostname = `${name}-${completions - 1}`;
  if (dnsLabel(hostname).length === 0) return [];
  return [bad("metadata.name", name, `will not able to create pod with invalid DNS label: ${hostname}`)];
}

export function validateJobUpdate({ spec: given }: DeepReadonly<Job>, old: DeepReadonly<Job>): FieldError[] {
  const spec = given ?? { template: {} };
  const before = old.spec ?? { template: {} };
  const findings = [
    "selector",
    "completionMode",
    "podFailurePolicy",
    "successPolicy",
    "backoffLimitPerIndex",
    "managedBy",
  ] as const;
  return [
    ...completions(spec, before),
    ...findings.flatMap((field) => immutable(`spec.${field}`, spec[field], before[field])),
    ...template(spec, before, old),
  ];
}

/** An indexed job may grow or shrink, completions and parallelism together (KEP-3715). */
function completions(spec: ReadonlySpec, old: ReadonlySpec): FieldError[] {
  const elastic = spec.completionMode === "Indexed" && spec.completions !== undefined;
  if (!elastic || semanticEqual(spec.completions, old.completions))
    return immutable("spec.completions", spec.completions, old.completions);
  if (spec.completions === spec.parallelism) return [];
  return [bad("spec.completions", spec.completions, `can only be modified in tandem with spec.parallelism`)];
}

/** While a job is suspended and no pod was made, queues may still say where and how large its pods will be (KEP-2926). */
function template(spec: ReadonlySpec, old: ReadonlySpec, job: DeepReadonly<Job>): FieldError[] {
  const open = old.suspend === true && job.status?.startTime === undefined;
  const compared = open ? withoutDirectives(spec.template) : spec.template;
  const before = open ? withoutDirectives(old.template) : old.template;
  return semanticEqual(compared, before) ? [] : [bad("spec.template", spec.template, "field is immutable")];
}

function withoutDirectives({ metadata, spec }: DeepReadonly<PodTemplateSpec>): object {
  const { annotations: _annotations, labels: _labels, ...meta } = metadata ?? {};
  const {
    nodeSelector: _selector,
    tolerations: _tolerations,
    schedulingGates: _gates,
    affinity,
    containers,
    initContainers,
    ...rest
  } = spec ?? { containers: [] };
  const { nodeAffinity: _affinity, ...otherAffinity } = affinity ?? {};
  const bare = (list: typeof containers | undefined): object[] =>
    (list ?? []).map(({ resources: _resources, ...container }) => container);
  return {
    metadata: meta,
    spec: { ...rest, affinity: otherAffinity, containers: bare(containers), initContainers: bare(initContainers) },
  };
}
