import { pluginProblem } from "../../server/admission/create-chain.ts";
import { OptionError } from "../option-error.ts";
import { anything, document, list, struct, text } from "./read-fields.ts";

/** What the file says of one plugin. */
export interface PluginEntry {
  readonly name: string;
  /** Of another file, relative to this one; counts only without a configuration here. */
  readonly path?: string;
  readonly configuration?: unknown;
}

const read = document(
  ["apiserver.config.k8s.io/v1 AdmissionConfiguration", "apiserver.k8s.io/v1alpha1 AdmissionConfiguration"],
  {
    plugins: list(struct({ name: text, path: text, configuration: anything })),
  },
);

/** Throws an OptionError. https://kubernetes.io/docs/reference/config-api/apiserver-config.v1/#apiserver-config-k8s-io-v1-AdmissionConfiguration */
export function readAdmissionConfiguration(value: unknown): readonly PluginEntry[] {
  const entries = (read(value, "").plugins ?? []).map(({ name = "", path = "", configuration }) => ({
    name,
    ...(path === "" ? {} : { path }),
    ...(configuration === undefined ? {} : { configuration }),
  }));
  for (const [index, { name }] of entries.entries()) {
    const at = `plugins[${index}].name`;
    if (name === "") throw new OptionError(`${at}: name the plugin`);
    if (entries.findIndex((entry) => entry.name === name) < index)
      throw new OptionError(`${at}: ${name} is there twice; leave one out`);
    const problem = pluginProblem(name, "enable");
    if (problem !== undefined) throw new OptionError(`${at}: ${problem}`);
  }
  return entries;
}
