/**
 * Makes `dist/`: the `wherry` command as one bundle with lazily loaded chunks, and `wherry/testing` as plain modules with
 * their types. `npm run build` makes `api/generated/` first.
 */
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { chmod, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { build, type BuildOptions, type Plugin } from "esbuild";

const root = fileURLToPath(new URL("..", import.meta.url));
const dist = join(root, "dist");

/**
 * Node 20 warns of JSON modules when it loads one, and V8 reads a long string faster than a long literal: so data files
 * become modules that parse a string.
 */
function dataModule(text: string): string {
  return `export default JSON.parse(${JSON.stringify(JSON.stringify(JSON.parse(text)))});\n`;
}

const ownData: Plugin = {
  name: "own-data",
  setup({ onLoad }) {
    onLoad({ filter: /\.json$/ }, async ({ path }) => {
      // The CommonJS packages expect what require() gives for theirs.
      if (path.includes(`${sep}node_modules${sep}`)) return undefined;
      return { contents: dataModule(await readFile(path, "utf8")), loader: "js" };
    });
  },
};

const command: BuildOptions = {
  absWorkingDir: root,
  entryPoints: { wherry: "cli/main.ts" },
  outdir: "dist",
  chunkNames: "command/[name]-[hash]",
  bundle: true,
  splitting: true,
  format: "esm",
  platform: "node",
  target: "node20.19",
  // Its compiled part is found beside its own package.json.
  external: ["classic-level"],
  // The CommonJS packages inside call require() for Node's own modules.
  banner: {
    js: 'import { createRequire as createRequireHere } from "node:module"; const require = createRequireHere(import.meta.url);',
  },
  plugins: [ownData],
  logLevel: "warning",
};

await rm(dist, { recursive: true, force: true });
await Promise.all([makeCommand(), makeLibrary()]);

async function makeCommand(): Promise<void> {
  const define = { wherryBuild: JSON.stringify(await digestOfCommand()) };
  await build({ ...command, define, sourcemap: true, sourcesContent: false });
  await chmod(join(dist, "wherry.js"), 0o755);
}

/** Names the code of this build: the command knows by it what it has written itself (docs/adr/0007-own-values.md). */
async function digestOfCommand(): Promise<string> {
  const { outputFiles = [] } = await build({ ...command, define: { wherryBuild: '""' }, write: false });
  const hash = createHash("sha256");
  for (const { path, contents } of outputFiles.toSorted((a, b) => (a.path < b.path ? -1 : 1)))
    hash.update(`${relative(dist, path)} ${contents.length}\n`).update(contents);
  return hash.digest("hex");
}

async function makeLibrary(): Promise<void> {
  const compiler = fileURLToPath(import.meta.resolve("typescript/package.json")).replace(/package\.json$/, "bin/tsc");
  try {
    await promisify(execFile)(process.execPath, [compiler, "--project", "tsconfig.build.json"], { cwd: root });
  } catch (thrown) {
    // The compiler's findings are on its standard output.
    if (thrown instanceof Error && "stdout" in thrown) console.error(String(thrown.stdout));
    throw thrown;
  }
  await rewriteDataImports();
}

/** `import x from "./x.json" with { type: "json" }` → `import x from "./x.json.js"`. */
async function rewriteDataImports(): Promise<void> {
  const files = (await readdir(dist, { recursive: true })).map((name) => join(dist, name));
  const modules = files.filter((file) => file.endsWith(".js") && !file.startsWith(join(dist, "command")));
  await Promise.all(
    modules.map(async (file) => {
      const source = await readFile(file, "utf8");
      const rewritten = source.replaceAll(/(from ".*\.json)" with \{ type: "json" \};/g, '$1.js";');
      if (rewritten !== source) await writeFile(file, rewritten);
    }),
  );
  for (const file of files.filter((name) => name.endsWith(".json"))) {
    await writeFile(`${file}.js`, dataModule(await readFile(file, "utf8")));
    await rm(file);
  }
}
