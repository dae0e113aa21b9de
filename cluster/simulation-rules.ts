import { parseYaml } from "../api/machinery/yaml.ts";
import { ApiError } from "../api/machinery/status.ts";
import { parseRules, RulesError } from "../agent/runtime/simulated/parse-rules.ts";
import type { Rule } from "../agent/runtime/simulated/rules.ts";
import { OptionError } from "./option-error.ts";
import type { ClusterOptions } from "./options.ts";
import { readOptionFile } from "./read-option-file.ts";

/** How simulated containers behave, by what was asked for. Throws an OptionError. */
export async function simulationRules({
  simulation,
  simulationFile: file,
}: Pick<ClusterOptions, "simulation" | "simulationFile">): Promise<readonly Rule[]> {
  if (simulation !== undefined) return ownRules(simulation);
  if (file === undefined) return [];
  const parse = (bytes: Uint8Array): readonly Rule[] => parseRules(parseYaml(bytes).value);
  return readOptionFile({ flag: "--simulation", file }, parse, [RulesError, ApiError]);
}

function ownRules(document: object): readonly Rule[] {
  try {
    return parseRules(document);
  } catch (thrown) {
    if (thrown instanceof RulesError) throw new OptionError(`simulation: ${thrown.problems.join("; ")}`);
    throw thrown;
  }
}
