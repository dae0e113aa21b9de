import { validateNodeSelector, validateNodeSelectorTerm } from "../../api/core/node-selector-validation.ts";
import type { TopologySpreadConstraint } from "../../api/generated/types/core-v1.ts";
import { parseDuration } from "../../api/machinery/duration.ts";
import type { FieldError } from "../../api/machinery/field-error.ts";
import { bad, duplicate, forbidden, named, required, unsupported } from "../../api/machinery/findings.ts";
import { labelKey } from "../../api/machinery/names.ts";
import type { DeepReadonly } from "../../api/machinery/object.ts";
import type { PluginArgs, ResourceSpec, UtilizationShapePoint } from "../plugins/args.ts";

type Validators = { readonly [P in keyof PluginArgs]: (args: PluginArgs[P], at: string) => FieldError[] };

const validators: Validators = {
  NodeAffinity: validateNodeAffinity,
  NodeResourcesFit: validateFit,
  NodeResourcesBalancedAllocation: validateBalancedAllocation,
  InterPodAffinity: ({ hardPodAffinityWeight: weight }, at) => inRange(`${at}.hardPodAffinityWeight`, weight),
  PodTopologySpread: validateSpread,
  VolumeBinding: validateVolumeBinding,
  DefaultPreemption: validatePreemption,
  DynamicResources: validateDynamicResources,
};

/** Nothing to say of a plugin that takes no arguments. */
export function validateArgs(plugin: string, args: PluginArgs, at: string): FieldError[] {
  return isWithArgs(plugin) ? validateOf(plugin, args, at) : [];
}

function isWithArgs(plugin: string): plugin is keyof PluginArgs {
  return Object.hasOwn(validators, plugin);
}

function validateOf<P extends keyof PluginArgs>(plugin: P, args: PluginArgs, at: string): FieldError[] {
  return validators[plugin](args[plugin], at);
}

function inRange(field: string, value: number, most = 100): FieldError[] {
  return value >= 0 && value <= most ? [] : [bad(field, value, `not in valid range [0, ${most}]`)];
}

function validateNodeAffinity({ addedAffinity }: PluginArgs["NodeAffinity"], at: string): FieldError[] {
  const enforced = addedAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
  const preferred = addedAffinity?.preferredDuringSchedulingIgnoredDuringExecution ?? [];
  const place = `${at}.addedAffinity`;
  const terms = `${place}.preferredDuringSchedulingIgnoredDuringExecution`;
  return [
    ...(enforced === undefined
      ? []
      : validateNodeSelector(enforced, `${place}.requiredDuringSchedulingIgnoredDuringExecution`)),
    ...preferred.flatMap(({ preference }, index) => validateNodeSelectorTerm(preference, `${terms}[${index}]`, false)),
  ];
}

const strategies = ["LeastAllocated", "MostAllocated", "RequestedToCapacityRatio"];

function validateFit(args: PluginArgs["NodeResourcesFit"], at: string): FieldError[] {
  const { scoringStrategy: strategy } = args;
  const place = `${at}.scoringStrategy`;
  const findings = args.ignoredResources.flatMap((name, index) =>
    named(`${at}.ignoredResources[${index}]`, name, labelKey(name)),
  );
  for (const [index, group] of args.ignoredResourceGroups.entries()) {
    const field = `${at}.ignoredResourceGroups[${index}]`;
    if (group.includes("/")) findings.push(bad(field, group, "resource group name can't contain '/'"));
    findings.push(...named(field, group, labelKey(group)));
  }
  if (!strategies.includes(strategy.type)) findings.push(unsupported(`${place}.type`, strategy.type ?? "", strategies));
  findings.push(...validateWeights(strategy.resources, `${place}.resources`));
  const ratio = strategy.requestedToCapacityRatio;
  const field = `${place}.requestedToCapacityRatio`;
  if (strategy.type !== "RequestedToCapacityRatio")
    return ratio === undefined
      ? findings
      : [...findings, forbidden(field, "must be nil when type is not RequestedToCapacityRatio")];
  if (ratio === undefined)
    return [...findings, required(field, "must be specified when type is RequestedToCapacityRatio")];
  return [...findings, ...validateShape(ratio.shape ?? [], `${field}.shape`)];
}

function validateWeights(resources: readonly ResourceSpec[], at: string): FieldError[] {
  return resources.flatMap(({ name, weight }, index) =>
    weight > 0 && weight <= 100
      ? []
      : [bad(`${at}[${index}].weight`, weight, `resource weight of ${name} not in valid range (0, 100]`)],
  );
}

function validateShape(shape: readonly UtilizationShapePoint[], at: string): FieldError[] {
  if (shape.length === 0) return [required(at, "at least one point must be specified")];
  const findings: FieldError[] = [];
  const falling = shape.findIndex(({ utilization }, i) => i > 0 && (shape[i - 1]?.utilization ?? 0) >= utilization);
  if (falling > 0)
    findings.push(
      bad(`${at}[${falling}].utilization`, shape[falling]?.utilization, "values must be sorted in increasing order"),
    );
  for (const [index, { utilization = 0, score = 0 }] of shape.entries())
    findings.push(
      ...inRange(`${at}[${index}].utilization`, utilization),
      ...inRange(`${at}[${index}].score`, score, 10),
    );
  return findings;
}

function validateBalancedAllocation(
  { resources }: PluginArgs["NodeResourcesBalancedAllocation"],
  at: string,
): FieldError[] {
  const seen = new Set<string>();
  return resources.flatMap(({ name, weight }, index) => {
    const place = `${at}.resources[${index}]`;
    const findings = seen.has(name) ? [duplicate(`${place}.name`, name)] : [];
    seen.add(name);
    return weight === 1 ? findings : [...findings, bad(`${place}.weight`, weight, "must be 1")];
  });
}

type Constraint = DeepReadonly<TopologySpreadConstraint>;
const actions = ["DoNotSchedule", "ScheduleAnyway"];

function validateSpread(
  { defaultConstraints: constraints, defaultingType }: PluginArgs["PodTopologySpread"],
  at: string,
): FieldError[] {
  const field = `${at}.defaultingType`;
  const findings: FieldError[] = [];
  if (!["System", "List"].includes(defaultingType))
    findings.push(unsupported(field, defaultingType, ["System", "List"]));
  else if (defaultingType === "System" && constraints.length > 0)
    findings.push(bad(field, defaultingType, "when .defaultConstraints are not empty"));
  for (const [index, constraint] of constraints.entries()) {
    const place = `${at}.defaultConstraints[${index}]`;
    findings.push(...validateConstraint(constraint, place));
    const isRepeated = constraints.slice(0, index).some((other) => areAlike(constraint, other));
    const { topologyKey, whenUnsatisfiable } = constraint;
    if (isRepeated) findings.push(duplicate(place, `{${topologyKey}, ${whenUnsatisfiable}}`));
  }
  return findings;
}

function areAlike(a: Constraint, b: Constraint): boolean {
  return a.topologyKey === b.topologyKey && a.whenUnsatisfiable === b.whenUnsatisfiable;
}

function validateConstraint(
  { maxSkew = 0, topologyKey, whenUnsatisfiable, labelSelector }: Constraint,
  at: string,
): FieldError[] {
  const findings: FieldError[] = [];
  if (maxSkew <= 0) findings.push(bad(`${at}.maxSkew`, maxSkew, "not in valid range (0, inf)"));
  if (!topologyKey) findings.push(required(`${at}.topologyKey`, "can not be empty"));
  else findings.push(...named(`${at}.topologyKey`, topologyKey, labelKey(topologyKey)));
  if (!whenUnsatisfiable) findings.push(required(`${at}.whenUnsatisfiable`, "can not be empty"));
  else if (!actions.includes(whenUnsatisfiable))
    findings.push(unsupported(`${at}.whenUnsatisfiable`, whenUnsatisfiable, actions));
  if (labelSelector !== undefined) {
    const why = "constraint must not define a selector, as they deduced for each pod";
    findings.push(forbidden(`${at}.labelSelector`, why));
  }
  return findings;
}

function validateVolumeBinding(args: PluginArgs["VolumeBinding"], at: string): FieldError[] {
  const { bindTimeoutSeconds } = args;
  const why = "invalid BindTimeoutSeconds, should not be a negative value";
  return bindTimeoutSeconds < 0 ? [bad(`${at}.bindTimeoutSeconds`, bindTimeoutSeconds, why)] : [];
}

function validatePreemption(args: PluginArgs["DefaultPreemption"], at: string): FieldError[] {
  const { minCandidateNodesPercentage: percentage, minCandidateNodesAbsolute: absolute } = args;
  const [percentageAt, absoluteAt] = [`${at}.minCandidateNodesPercentage`, `${at}.minCandidateNodesAbsolute`];
  const findings = inRange(percentageAt, percentage);
  if (absolute < 0) findings.push(bad(absoluteAt, absolute, "not in valid range [0, inf)"));
  if (percentage === 0 && absolute === 0)
    findings.push(
      bad(percentageAt, percentage, "cannot be zero at the same time as minCandidateNodesAbsolute"),
      bad(absoluteAt, absolute, "cannot be zero at the same time as minCandidateNodesPercentage"),
    );
  return findings;
}

const second = 1_000_000_000n;

function validateDynamicResources(args: PluginArgs["DynamicResources"], at: string): FieldError[] {
  const { filterTimeout, bindingTimeout } = args;
  const findings: FieldError[] = [];
  if ((parseDuration(filterTimeout) ?? 0n) < 0n)
    findings.push(bad(`${at}.filterTimeout`, filterTimeout, "must be zero or positive"));
  if ((parseDuration(bindingTimeout) ?? 0n) < second)
    findings.push(bad(`${at}.bindingTimeout`, bindingTimeout, "must be at least 1 second"));
  return findings;
}
