import { createReadStream } from "node:fs";
import { dirname, resolve } from "node:path";
import { ApiError } from "../../api/machinery/status.ts";
import type { AdmissionOptions } from "../../server/admission/create-chain.ts";
import { OptionError } from "../option-error.ts";
import { readAdmissionConfiguration } from "./admission-configuration.ts";
import { readPluginConfiguration } from "./plugin-configurations.ts";

const flag = "--admission-control-config-file";
const mostBytes = 1024 * 1024;

/** Reads the file, YAML or JSON, and those that it leads to. Throws an OptionError that names file and field. */
export async function loadAdmissionConfiguration(file: string): Promise<AdmissionOptions> {
  const entries = await readFrom(file, readAdmissionConfiguration);
  let options: AdmissionOptions = {};
  for (const { name, path, configuration } of entries) {
    const read = (value: unknown): AdmissionOptions | Promise<AdmissionOptions> => readPluginConfiguration(name, value);
    if (configuration !== undefined) options = { ...options, ...(await within(file, () => read(configuration))) };
    else if (path !== undefined) options = { ...options, ...(await readFrom(resolve(dirname(file), path), read)) };
  }
  return options;
}

async function readFrom<T>(file: string, read: (value: unknown) => T | Promise<T>): Promise<T> {
  const bytes = await bytesOf(file);
  // The library is loaded when somebody has a file.
  const { parseYaml } = await import("../../api/machinery/yaml.ts");
  return within(file, () => {
    const { value, duplicates } = parseYaml(bytes);
    if (duplicates[0] !== undefined) throw new OptionError(oneLine(duplicates[0]));
    return read(value);
  });
}

/** Bounded, whatever the path leads to. */
async function bytesOf(file: string): Promise<Buffer> {
  const pieces: Buffer[] = [];
  let size = 0;
  try {
    for await (const piece of createReadStream(file) as AsyncIterable<Buffer>) {
      pieces.push(piece);
      size += piece.length;
      if (size > mostBytes) break;
    }
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new OptionError(`${flag}: ${file} cannot be read (${why}); check that path`, { cause });
  }
  if (size > mostBytes)
    throw new OptionError(`${flag}: ${file} is longer than ${mostBytes} bytes; is it the right file?`);
  return Buffer.concat(pieces);
}

async function within<T>(file: string, work: () => T | Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (thrown) {
    if (!(thrown instanceof OptionError || thrown instanceof ApiError)) throw thrown;
    throw new OptionError(`${flag}: ${file}: ${oneLine(thrown.message)}`, { cause: thrown });
  }
}

function oneLine(message: string): string {
  return message.replaceAll(/\s*\n\s*/g, " ");
}
