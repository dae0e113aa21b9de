import { readdirSync, readFileSync } from "node:fs";
import { builtinModules, createRequire } from "node:module";
import { dirname, join, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

/** Who may import what, besides itself: the table of DESIGN. A longer path stands for that part alone. */
const mayImport: Readonly<Record<string, readonly string[]>> = {
  base: [],
  api: [],
  storage: ["base"],
  certs: ["base"],
  streaming: ["base"],
  auth: ["api", "base", "certs"],
  client: ["api", "base", "streaming"],
  server: ["api", "auth", "storage", "certs", "base", "streaming", "client"],
  controllers: ["client", "api", "base", "certs", "auth/tokens"],
  scheduler: ["client", "api", "base"],
  agent: ["client", "api", "base", "certs", "streaming"],
  cli: ["client", "api", "base", "certs", "cluster"],
  cluster: [
    ...["api", "auth", "storage", "certs", "base", "streaming", "client", "server"],
    ...["controllers", "scheduler", "agent", "dashboard"],
  ],
  conformance: ["client", "api", "base", "cluster/testing", "server/webhook/https-server.testing"],
  bench: ["client", "api", "base", "cluster/testing"],
};

const root = fileURLToPath(new URL(".", import.meta.url));
const folders = readdirSync(root, { withFileTypes: true })
  .filter((entry) => entry.isDirectory() && !/^\.|^(?:node_modules|dist|docs|scripts)$/.test(entry.name))
  .map(({ name }) => name);
/** Tests, and what only tests share. */
const isTest = (file: string): boolean => /\.test(?:ing)?\.ts$/.test(file);

interface Parsed {
  readonly errors: readonly unknown[];
  readonly module: {
    readonly staticImports: readonly { readonly moduleRequest: { readonly value: string } }[];
    readonly staticExports: readonly {
      readonly entries: readonly { readonly moduleRequest: { readonly value: string } | null }[];
    }[];
    readonly dynamicImports: readonly { readonly moduleRequest: { readonly start: number; readonly end: number } }[];
  };
}
type Parse = (name: string, source: string) => Parsed;

/** The parser comes with the tools of `npm run check`. Where they are not installed the test is skipped, but not in CI. */
function findParser(): Parse | undefined {
  try {
    const load = createRequire(new URL("scripts/tools/package.json", import.meta.url));
    return (load("oxc-parser") as { readonly parseSync: Parse }).parseSync;
  } catch (thrown) {
    if (process.env["CI"] === "true") throw thrown;
    return undefined;
  }
}

const parse = findParser();

describe.skipIf(parse === undefined)(
  "import directions (skipped unless `npm run check` has installed its tools)",
  () => {
    it("knows every folder", () => {
      expect(folders.filter((folder) => !Object.hasOwn(mayImport, folder))).toEqual([]);
    });

    for (const folder of folders) {
      it(`holds for ${folder}`, () => {
        expect(
          filesOf(folder).flatMap((file) => importsOf(file).flatMap((name) => breach(folder, file, name))),
        ).toEqual([]);
      });
    }
  },
);

it("asks no clock but the injected one inside the folders that run on cluster time", () => {
  const timed = ["api", "auth", "client", "server", "controllers", "scheduler", "agent"].filter((name) =>
    folders.includes(name),
  );
  const breaches = timed
    .flatMap(filesOf)
    .filter((file) => !isTest(file) && !file.startsWith(join("server", "http")))
    .filter((file) => /new Date\(\)|\bDate\.now\(|Math\.random\(/.test(readFileSync(join(root, file), "utf8")));
  expect(breaches).toEqual([]);
});

function filesOf(folder: string): readonly string[] {
  return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /(?<!\.d)\.ts$/.test(entry.name))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)))
    .filter((file) => !file.startsWith(join("api", "generated")));
}

/** What a file imports, types too: modules by their name, our own files by their path from the root. */
function importsOf(file: string): readonly string[] {
  const source = readFileSync(join(root, file), "utf8");
  const parsed = parse?.(file, source);
  if (parsed === undefined || parsed.errors.length > 0) throw new Error(`${file} cannot be parsed`);
  const { staticImports, staticExports, dynamicImports } = parsed.module;
  const names = [
    ...staticImports.map(({ moduleRequest }) => moduleRequest.value),
    ...staticExports.flatMap(({ entries }) => entries.flatMap(({ moduleRequest }) => moduleRequest?.value ?? [])),
    ...dynamicImports.map(({ moduleRequest: { start, end } }) =>
      source.slice(start, end).replace(/^["'`]|["'`]$/g, ""),
    ),
  ];
  const own = (name: string): string => relative(root, join(root, dirname(file), name)).replaceAll(sep, "/");
  return [...new Set(names)].map((name) => (name.startsWith(".") ? own(name) : name));
}

/** `file → file: reason`, or nothing. */
function breach(folder: string, file: string, imported: string): readonly string[] {
  // What is made for tests is for all tests.
  if (isTest(file) && imported.endsWith(".testing.ts")) return [];
  const allowed = [folder, ...(mayImport[folder] ?? []), ...(isTest(file) ? ["cluster/testing"] : [])];
  const isOwn = folders.some((name) => imported.startsWith(`${name}/`)) || imported.startsWith("../");
  if (!isOwn) {
    const isNode = imported.startsWith("node:") || builtinModules.includes(imported);
    return folder === "api" && isNode && !isTest(file) ? [`${file} → ${imported}: api/ is pure, it does no I/O`] : [];
  }
  const isAllowed = allowed.some((part) => imported.startsWith(`${part}/`) || imported === `${part}.ts`);
  const reason = `${folder} may import ${allowed.slice(1).join(", ") || "nothing but itself"}`;
  return isAllowed ? [] : [`${file} → ${imported}: ${reason}`];
}
