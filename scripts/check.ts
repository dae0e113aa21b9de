/**
 * `npm run check`: everything that must hold before a commit, a line per step. `--no-tests` leaves the unit tests out.
 * The tools live in a package of their own (scripts/tools), which is installed when it is missing or out of date.
 */
import { execFile } from "node:child_process";
import { statSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const tools = join(root, "scripts/tools");

interface Step {
  readonly name: string;
  readonly command: readonly [file: string, ...words: string[]];
}

const inRoot = (name: string): string => join(root, "node_modules/.bin", name);
const inTools = (name: string): string => join(tools, "node_modules/.bin", name);

const generate: Step = { name: "generate", command: [process.execPath, "--import", "tsx", "scripts/generate/main.ts"] };
// Not `npm ci`: it wants the bindings of every platform in the lock file, which npm leaves out.
const installTools: Step = {
  name: "tools",
  command: ["npm", "install", "--no-save", "--prefix", tools, "--no-audit", "--no-fund"],
};
const unitTests: Step = { name: "unit tests", command: [inRoot("vitest"), "run", "--project", "unit"] };
const steps: readonly Step[] = [
  generate,
  ...(isInstalled() ? [] : [installTools]),
  { name: "types", command: [inRoot("tsc"), "--noEmit"] },
  { name: "lint", command: [inTools("oxlint"), "--type-aware", "--quiet"] },
  { name: "format", command: [inTools("oxfmt"), "--check"] },
  { name: "dead code", command: [inTools("knip"), "--no-progress"] },
  ...(process.argv.includes("--no-tests") ? [] : [unitTests]),
];

let failed = 0;
for (const step of steps) if (!(await passes(step))) failed += 1;
console.log(failed === 0 ? "all well" : `${failed} of ${steps.length} steps failed`);
process.exitCode = failed === 0 ? 0 : 1;

/** npm notes in a file of its own what it has installed. */
function isInstalled(): boolean {
  const time = (file: string): number => statSync(join(tools, file), { throwIfNoEntry: false })?.mtimeMs ?? 0;
  return time("node_modules/.package-lock.json") >= time("package-lock.json");
}

async function passes({ name, command: [file, ...words] }: Step): Promise<boolean> {
  const start = performance.now();
  const { ok, output } = await run(file, words);
  const seconds = ((performance.now() - start) / 1000).toFixed(1);
  console.log(`${ok ? "ok    " : "FAILED"}  ${name.padEnd(10)} ${seconds} s`);
  if (!ok) console.log(output);
  return ok;
}

function run(file: string, words: readonly string[]): Promise<{ readonly ok: boolean; readonly output: string }> {
  // oxlint looks for the type-aware part beside the project's own dependencies, where it is not.
  const env = { ...process.env, OXLINT_TSGOLINT_PATH: inTools("tsgolint") };
  // On Windows npm and the tools are scripts for its shell.
  const shell = process.platform === "win32" && file !== process.execPath;
  return new Promise((resolve) => {
    execFile(file, words, { cwd: root, env, shell, maxBuffer: 64 * 1024 * 1024 }, (error, stdout, stderr) => {
      resolve({ ok: error === null, output: `${stdout}${stderr}${error?.code === "ENOENT" ? error.message : ""}` });
    });
  });
}
