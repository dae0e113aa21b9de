import { parseDuration } from "../../api/machinery/duration.ts";
import type { SchedulerConfiguration } from "./configuration.ts";
import { ConfigurationError, refuse } from "./configuration-error.ts";
import { decodeConfiguration } from "./decode.ts";
import { argsWithDefaults, withDefaults } from "./default.ts";
import { enabledPlugins } from "./plugin-sets.ts";
import { validateConfiguration } from "./validate.ts";
import type { WrittenConfiguration } from "./written.ts";

/** What `kube-scheduler --config` reads: YAML or JSON. Throws ConfigurationError. */
export async function loadConfiguration(bytes: Uint8Array): Promise<SchedulerConfiguration> {
  return completeConfiguration(await decodeConfiguration(bytes));
}

/** Without a file, all is as upstream's defaults have it. Throws ConfigurationError. */
export function completeConfiguration(written: WrittenConfiguration = {}): SchedulerConfiguration {
  const configuration = withDefaults(written);
  const findings = validateConfiguration(configuration);
  if (findings.length > 0) refuse(findings);
  const { leaderElection: election } = configuration;
  return {
    parallelism: configuration.parallelism,
    leaderElection: {
      leaderElect: election.leaderElect,
      leaseDurationMs: milliseconds(election.leaseDuration),
      renewDeadlineMs: milliseconds(election.renewDeadline),
      retryPeriodMs: milliseconds(election.retryPeriod),
      resourceName: election.resourceName,
      resourceNamespace: election.resourceNamespace,
    },
    percentageOfNodesToScore: configuration.percentageOfNodesToScore,
    podInitialBackoffSeconds: configuration.podInitialBackoffSeconds,
    podMaxBackoffSeconds: configuration.podMaxBackoffSeconds,
    profiles: configuration.profiles.map(({ schedulerName = "", plugins = {}, pluginConfig = [], ...profile }) => ({
      schedulerName,
      percentageOfNodesToScore: profile.percentageOfNodesToScore,
      ...inProfile(schedulerName, () => enabledPlugins(schedulerName, plugins)),
      args: argsWithDefaults(pluginConfig),
    })),
  };
}

function milliseconds(duration: string): number {
  return Number((parseDuration(duration) ?? 0n) / 1_000_000n);
}

function inProfile<T>(schedulerName: string, run: () => T): T {
  try {
    return run();
  } catch (thrown) {
    if (!(thrown instanceof ConfigurationError)) throw thrown;
    const message = `creating profile for scheduler name ${schedulerName}: ${thrown.message}`;
    throw new ConfigurationError(message, { cause: thrown });
  }
}
