import { parseDuration } from "../../api/machinery/duration.ts";
import type { FieldError } from "../../api/machinery/field-error.ts";
import { bad, duplicate, forbidden, required } from "../../api/machinery/findings.ts";
import { argsWithDefaults, type DefaultedConfiguration } from "./default.ts";
import { groupVersion } from "./schema.ts";
import { validateArgs } from "./validate-args.ts";
import type { WrittenPlugins, WrittenProfile } from "./written.ts";

/** In upstream's words. */
export function validateConfiguration(configuration: DefaultedConfiguration): FieldError[] {
  const { clientConnection, extenders = [], parallelism, percentageOfNodesToScore } = configuration;
  const findings: FieldError[] = [];
  if ((clientConnection?.burst ?? 0) < 0)
    findings.push(bad("clientConnection.burst", clientConnection?.burst, "must be non-negative"));
  findings.push(...validateLeaderElection(configuration.leaderElection));
  if (parallelism <= 0) findings.push(bad("parallelism", parallelism, "should be an integer value greater than zero"));
  findings.push(...validateProfiles(configuration.profiles));
  findings.push(...validatePercentage("percentageOfNodesToScore", percentageOfNodesToScore));
  findings.push(...validateBackoff(configuration));
  if (extenders.length > 0) findings.push(forbidden("extenders", "scheduler extenders are not supported: remove them"));
  return findings;
}

function validateBackoff({
  podInitialBackoffSeconds: first,
  podMaxBackoffSeconds: most,
}: DefaultedConfiguration): FieldError[] {
  const findings: FieldError[] = [];
  if (first <= 0) findings.push(bad("podInitialBackoffSeconds", first, "must be greater than 0"));
  if (most < first)
    findings.push(bad("podMaxBackoffSeconds", most, "must be greater than or equal to PodInitialBackoffSeconds"));
  return findings;
}

function validateLeaderElection(election: DefaultedConfiguration["leaderElection"]): FieldError[] {
  if (!election.leaderElect) return [];
  const at = "leaderElection";
  const findings: FieldError[] = [];
  for (const name of ["leaseDuration", "renewDeadline", "retryPeriod"] as const)
    if (nanos(election[name]) <= 0n) findings.push(bad(`${at}.${name}`, election[name], "must be greater than zero"));
  if (nanos(election.leaseDuration) <= nanos(election.renewDeadline))
    findings.push(bad(`${at}.leaseDuration`, election.renewDeadline, "must be greater than `RenewDeadline`"));
  if (election.resourceLock !== "leases")
    findings.push(bad(`${at}.resourceLock`, election.resourceLock, 'resourceLock value must be "leases"'));
  return findings;
}

function nanos(duration: string): bigint {
  return parseDuration(duration) ?? 0n;
}

function validateProfiles(profiles: readonly WrittenProfile[]): FieldError[] {
  const findings: FieldError[] = [];
  const firstOf = new Map<string, number>();
  for (const [index, profile] of profiles.entries()) {
    const at = `profiles[${index}]`;
    const { schedulerName = "" } = profile;
    findings.push(...validateProfile(profile, at));
    const former = firstOf.get(schedulerName);
    if (former !== undefined) findings.push(duplicate(`${at}.schedulerName`, `profiles[${former}].schedulerName`));
    firstOf.set(schedulerName, index);
  }
  return [...findings, ...validateQueueSort(profiles)];
}

function validateProfile({ schedulerName, ...profile }: WrittenProfile, at: string): FieldError[] {
  const { pluginConfig = [], plugins = {} } = profile;
  const findings: FieldError[] = [];
  if (!schedulerName) findings.push(required(`${at}.schedulerName`));
  findings.push(...validatePercentage(`${at}.percentageOfNodesToScore`, profile.percentageOfNodesToScore));
  findings.push(...validateNoRemovedPlugins(plugins, `${at}.plugins`));
  const seen = new Set<string>();
  for (const [index, { name }] of pluginConfig.entries()) {
    const place = `${at}.pluginConfig[${index}]`;
    if (seen.has(name)) findings.push(duplicate(place, name));
    seen.add(name);
    if (removedPlugins.has(name)) findings.push(bad(place, name, removed));
    else findings.push(...validateArgs(name, argsWithDefaults(pluginConfig), `${place}.args`));
  }
  return findings;
}

const removedPlugins = new Set(["AzureDiskLimits", "CinderLimits", "EBSLimits", "GCEPDLimits"]);
const removed = `was invalid in version "${groupVersion}" (KubeSchedulerConfiguration is version "${groupVersion}")`;

function validateNoRemovedPlugins(plugins: WrittenPlugins, at: string): FieldError[] {
  return Object.entries(plugins).flatMap(([point, { enabled = [] }]) =>
    enabled.flatMap(({ name }, index) =>
      removedPlugins.has(name) ? [bad(`${at}.${point}.enabled[${index}]`, name, removed)] : [],
    ),
  );
}

function validatePercentage(field: string, percentage: number | undefined): FieldError[] {
  if (percentage === undefined || (percentage >= 0 && percentage <= 100)) return [];
  return [bad(field, percentage, "not in valid range [0-100]")];
}

/** One queue serves all profiles. */
function validateQueueSort(profiles: readonly WrittenProfile[]): FieldError[] {
  const findings: FieldError[] = [];
  const sets = profiles.map(({ plugins }) => plugins?.queueSort ?? {});
  const [first = {}] = sets;
  const count = first.enabled?.length ?? 0;
  if (count > 1)
    findings.push(bad("profiles[0].plugins.queueSort.Enabled", count, "only one queue sort plugin can be enabled"));
  for (const [index, set] of sets.entries())
    if (JSON.stringify(set) !== JSON.stringify(first))
      findings.push(bad(`profiles[${index}].plugins.queueSort`, set, "must be the same for all profiles"));
  return findings;
}
