import { validatePodTemplate } from "../core/pod-validation.ts";
import type { Job, JobSpec } from "../generated/types/batch-v1.ts";
import type { PodTemplateSpec } from "../generated/types/core-v1.ts";
import { semanticEqual } from "../machinery/equal.ts";
import type { FieldError } from "../machinery/field-error.ts";
import { bad, immutable, nonNegative, required } from "../machinery/findings.ts";
import { selectorMatches } from "../machinery/label-selector.ts";
import { validateLabelSelector } from "../machinery/label-validation.ts";
import type { DeepReadonly } from "../machinery/object.ts";

type ReadonlySpec = DeepReadonly<JobSpec>;

export function validateJobSpec(spec: ReadonlySpec, path: string): FieldError[] {
  const labels = spec.template?.metadata?.labels ?? {};
  const findings = validateLabelSelector(spec.selector, `${path}.selector`);
  if (spec.selector === undefined) findings.push(required(`${path}.selector`));
  else if (!selectorMatches(spec.selector, labels)) {
    findings.push(bad(`${path}.template.metadata.labels`, labels, "`selector` does not match template `labels`"));
  }
  return [...findings, ...validateJobTemplate(spec, path)];
}

/** A cron job's jobs have no selector yet: everything else must be right already. */
export function validateJobTemplate(spec: ReadonlySpec, path: string): FieldError[] {
  const findings: FieldError[] = [];
  for (const field of [
    "parallelism",
    "completions",
    "activeDeadlineSeconds",
    "backoffLimit",
    "ttlSecondsAfterFinished",
    "backoffLimitPerIndex",
  ] as const) {
    findings.push(...nonNegative(`${path}.${field}`, spec[field]));
  }
  const indexed = spec.completionMode === "Indexed";
  if (indexed && spec.completions === undefined)
    findings.push(required(`${path}.completions`, "when completion mode is Indexed"));
  if (indexed && (spec.parallelism ?? 0) > 100_000) {
    findings.push(
      bad(
        `${path}.parallelism`,
        spec.parallelism,
        "must be less than or equal to 100000 when completion mode is Indexed",
      ),
    );
  }
  if (!indexed && spec.backoffLimitPerIndex !== undefined) {
    findings.push(bad(`${path}.backoffLimitPerIndex`, spec.backoffLimitPerIndex, "requires indexed completion mode"));
  }
  if (!indexed && spec.successPolicy !== undefined)
    findings.push(bad(`${path}.successPolicy`, spec.successPolicy, "requires indexed completion mode"));
  if (spec.maxFailedIndexes !== undefined && spec.backoffLimitPerIndex === undefined) {
    findings.push(required(`${path}.backoffLimitPerIndex`, "when maxFailedIndexes is specified"));
  }
  if (spec.podFailurePolicy !== undefined && spec.podReplacementPolicy === "TerminatingOrFailed") {
    findings.push(
      bad(
        `${path}.podReplacementPolicy`,
        spec.podReplacementPolicy,
        'only "Failed" is supported when podFailurePolicy is specified',
      ),
    );
  }
  return [
    ...findings,
    ...validatePodTemplate(spec.template ?? {}, `${path}.template`),
    ...validateRestartPolicy(spec, path),
    ...failureRules(spec, path),
  ];
}

function validateRestartPolicy(
  { template, podFailurePolicy, backoffLimitPerIndex }: ReadonlySpec,
  path: string,
): FieldError[] {
  const policy = template?.spec?.restartPolicy ?? "";
  const at = `${path}.template.spec.restartPolicy`;
  if (policy === "" || policy === "Always") return [required(at, 'valid values: "OnFailure", "Never"')];
  if (policy === "Never") return [];
  if (podFailurePolicy !== undefined)
    return [bad(at, policy, 'only "Never" is supported when podFailurePolicy is specified')];
  return backoffLimitPerIndex === undefined
    ? []
    : [bad(at, policy, 'only "Never" is supported when backoffLimitPerIndex is specified')];
}

function failureRules({ podFailurePolicy, template }: ReadonlySpec, path: string): FieldError[] {
  const names = new Set(
    [...(template?.spec?.containers ?? []), ...(template?.spec?.initContainers ?? [])].map(({ name }) => name),
  );
  return (podFailurePolicy?.rules ?? []).flatMap(({ onExitCodes, onPodConditions }, index) => {
    const at = `${path}.podFailurePolicy.rules[${index}]`;
    const findings: FieldError[] = [];
    if (onExitCodes === undefined && (onPodConditions?.length ?? 0) === 0) {
      findings.push(bad(at, {}, "specifying one of OnExitCodes and OnPodConditions is required"));
    }
    if (onExitCodes !== undefined && (onPodConditions?.length ?? 0) > 0) {
      findings.push(bad(at, {}, "specifying both OnExitCodes and OnPodConditions is not supported"));
    }
    if (onExitCodes?.containerName && !names.has(onExitCodes.containerName)) {
      findings.push(
        bad(
          `${at}.onExitCodes.containerName`,
          onExitCodes.containerName,
          "must be one of the container or initContainer names in the pod template",
        ),
      );
    }
    if (onExitCodes?.operator === "In" && (onExitCodes.values ?? []).includes(0)) {
      const zero = (onExitCodes.values ?? []).indexOf(0);
      findings.push(bad(`${at}.onExitCodes.values[${zero}]`, 0, "must not be 0 for the In operator"));
    }
    return findings;
  });
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
