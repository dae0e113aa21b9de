import { admissionProblem, pluginProblem, type AdmissionOptions } from "../../server/admission/create-chain.ts";
import { OptionError } from "../option-error.ts";
import type { ClusterOptions } from "../options.ts";
import { loadAdmissionConfiguration } from "./load-admission-configuration.ts";

/** Of the options and the file together; what the options say of a plugin wins. Throws an OptionError. */
export async function admissionOptions({
  admission = {},
  admissionControlConfigFile: file,
}: Pick<ClusterOptions, "admission" | "admissionControlConfigFile">): Promise<AdmissionOptions> {
  requireNames(admission);
  const options = file === undefined ? admission : { ...(await loadAdmissionConfiguration(file)), ...admission };
  const problem = admissionProblem(options);
  if (problem !== undefined) throw new OptionError(`admission: ${problem}`);
  return options;
}

function requireNames({ enable = [], disable = [] }: AdmissionOptions): void {
  const both = enable.find((name) => disable.includes(name));
  if (both !== undefined)
    throw new OptionError(
      `${both} is both in --enable-admission-plugins and --disable-admission-plugins; leave it out of one`,
    );
  const wrong = (flag: string, names: readonly string[], asked: "enable" | "disable"): void => {
    const problem = names.map((name) => pluginProblem(name, asked)).find((found) => found !== undefined);
    if (problem !== undefined) throw new OptionError(`${flag}: ${problem}`);
  };
  wrong("--enable-admission-plugins", enable, "enable");
  wrong("--disable-admission-plugins", disable, "disable");
}
