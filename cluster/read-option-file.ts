import { readFile } from "node:fs/promises";
import { OptionError } from "./option-error.ts";

/**
 * What a file says that was named by a flag. Throws an OptionError, in one line, for one that cannot be read, and for what
 * `refusals` throw about it.
 */
export async function readOptionFile<T>(
  { flag, file }: { readonly flag: string; readonly file: string },
  parse: (bytes: Uint8Array) => T | Promise<T>,
  refusals: readonly (new (...parts: never[]) => Error)[],
): Promise<T> {
  try {
    return await parse(await readFile(file));
  } catch (thrown) {
    if (!(thrown instanceof Error)) throw thrown;
    if (refusals.some((refusal) => thrown instanceof refusal))
      throw new OptionError(`${flag} ${file}: ${thrown.message.replaceAll("\n", "; ")}`, { cause: thrown });
    const { code } = thrown as NodeJS.ErrnoException;
    if (code === undefined) throw thrown;
    throw new OptionError(`${flag}: ${file} cannot be read (${code})`, { cause: thrown });
  }
}
