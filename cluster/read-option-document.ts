import { ApiError } from "../api/machinery/status.ts";
import { OptionError } from "./option-error.ts";
import { readOptionFile } from "./read-option-file.ts";

/** What a YAML or JSON file says that was named by a flag, as `read` understands it. Throws an OptionError, in one line. */
export async function readOptionDocument<T>(
  named: { readonly flag: string; readonly file: string },
  read: (value: unknown) => T,
): Promise<T> {
  // The library is loaded when somebody has a file.
  const { parseYaml } = await import("../api/machinery/yaml.ts");
  const parse = (bytes: Uint8Array): T => {
    const { value, duplicates } = parseYaml(bytes);
    if (duplicates[0] !== undefined) throw new OptionError(duplicates[0]);
    return read(value);
  };
  return readOptionFile(named, parse, [OptionError, ApiError]);
}
