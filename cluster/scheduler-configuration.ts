import { readFile } from "node:fs/promises";
import type { SchedulerConfiguration } from "../scheduler/configuration/configuration.ts";
import { ConfigurationError } from "../scheduler/configuration/configuration-error.ts";
import { completeConfiguration, loadConfiguration } from "../scheduler/configuration/load.ts";
import { OptionError } from "./option-error.ts";

const flag = "--scheduler-config";

/** From a file of upstream's `KubeSchedulerConfiguration`; the defaults where none is named. Throws an OptionError. */
export async function schedulerConfiguration(file: string | undefined): Promise<SchedulerConfiguration> {
  if (file === undefined) return completeConfiguration();
  try {
    return await loadConfiguration(await readFile(file));
  } catch (thrown) {
    if (thrown instanceof ConfigurationError) throw new OptionError(`${flag} ${file}: ${thrown.message}`);
    const { code } = thrown as NodeJS.ErrnoException;
    if (code === undefined) throw thrown;
    throw new OptionError(`${flag}: ${file} cannot be read (${code})`, { cause: thrown });
  }
}
