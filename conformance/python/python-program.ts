import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rename } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { createProgram, type Program } from "../program.ts";

const here = fileURLToPath(new URL(".", import.meta.url));
const cache = fileURLToPath(new URL("../../node_modules/.cache/python/", import.meta.url));
const run = promisify(execFile);

/** One of the scripts of this folder, with the packages of requirements.txt. */
export async function pythonProgram(script: string): Promise<Program> {
  const home = await mkdtemp(join(tmpdir(), "python-"));
  return createProgram({ name: script, binary: await interpreter(), home, args: [join(here, script)], env: {} });
}

/** In an environment of its own, made once for these requirements. */
async function interpreter(): Promise<string> {
  const wanted = join(here, "requirements.txt");
  const folder = join(
    cache,
    createHash("sha256")
      .update(await readFile(wanted))
      .digest("hex")
      .slice(0, 16),
  );
  const python = join(folder, "bin", "python");
  if (existsSync(python)) return python;
  // Renamed when it is complete: an environment finds its own packages wherever it lies.
  const made = `${folder}.${process.pid}`;
  await run("python3", ["-m", "venv", made]);
  await run(join(made, "bin", "python"), ["-m", "pip", "install", "--quiet", "--requirement", wanted]);
  await rename(made, folder).catch((thrown: NodeJS.ErrnoException) => {
    // Another process was faster.
    if (thrown.code !== "ENOTEMPTY" && thrown.code !== "EEXIST") throw thrown;
  });
  return python;
}
