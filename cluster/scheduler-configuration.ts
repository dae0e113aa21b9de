import type { SchedulerConfiguration } from "../scheduler/configuration/configuration.ts";
import { ConfigurationError } from "../scheduler/configuration/configuration-error.ts";
import { completeConfiguration, loadConfiguration } from "../scheduler/configuration/load.ts";
import { readOptionFile } from "./read-option-file.ts";

/** From a file of upstream's `KubeSchedulerConfiguration`; the defaults where none is named. Throws an OptionError. */
export async function schedulerConfiguration(file: string | undefined): Promise<SchedulerConfiguration> {
  if (file === undefined) return completeConfiguration();
  return readOptionFile({ flag: "--scheduler-config", file }, loadConfiguration, [ConfigurationError]);
}
