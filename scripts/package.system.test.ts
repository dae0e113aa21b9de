import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, it } from "vitest";

const root = fileURLToPath(new URL("..", import.meta.url));
const run = promisify(execFile);

/** What a newcomer writes. */
const program = `
import { deployments } from "wherry/resource-types";
import { createCluster, type TestCluster } from "wherry/testing";

await using cluster: TestCluster = await createCluster({ clock: "simulated" });
const response = await cluster.as({ name: "jane", groups: ["system:masters"] })({
  method: "GET",
  url: "/api/v1/namespaces/default",
  headers: {},
  signal: AbortSignal.timeout(5000),
  peer: { address: "in process" },
});
const kubeconfig: string = cluster.kubeconfig;
const labels = { app: "web" };
const template = { metadata: { labels }, spec: { containers: [{ name: "web", image: "nginx" }] } };
const web = { namespace: "default", name: "web" };
const spec = { replicas: 3, selector: { matchLabels: labels }, template };
await cluster.client.create(deployments, { metadata: web, spec });
await cluster.advance("1m");
const { status } = await cluster.client.get(deployments, web);
console.log(response.status, kubeconfig.startsWith("apiVersion: v1"), status?.readyReplicas);
`;

let project: string;
beforeAll(async () => {
  project = await mkdtemp(join(tmpdir(), "wherry-"));
  await run("npm", ["pack", "--ignore-scripts", "--pack-destination", project], { cwd: root });
  const [tarball = ""] = (await readdir(project)).filter((name) => name.endsWith(".tgz"));
  await writeFile(join(project, "package.json"), JSON.stringify({ name: "newcomer", private: true, type: "module" }));
  await run("npm", ["install", "--no-audit", "--no-fund", `./${tarball}`], { cwd: project });
});
afterAll(() => rm(project, { recursive: true }));

it("type-checks and runs for who installs the package, without a warning", async () => {
  await writeFile(join(project, "program.ts"), program);
  const config = {
    compilerOptions: {
      target: "ES2022",
      module: "NodeNext",
      strict: true,
      lib: ["ES2023", "ESNext.Disposable"],
      types: ["node"],
      typeRoots: [join(root, "node_modules/@types")],
    },
    files: ["program.ts"],
  };
  await writeFile(join(project, "tsconfig.json"), JSON.stringify(config));
  const checked = await run(process.execPath, [join(root, "node_modules/typescript/bin/tsc")], { cwd: project }).catch(
    (failed: unknown) => failed,
  );
  expect(checked).toMatchObject({ stdout: "" });
  expect(await run(process.execPath, ["program.js"], { cwd: project })).toEqual({ stdout: "200 true 3\n", stderr: "" });
});

it("brings the command", async () => {
  const { stdout } = await run(join(project, "node_modules/.bin/wherry"), ["--version"], {
    shell: process.platform === "win32",
  });
  expect(stdout).toMatch(/^wherry \d/);
});

it("has a Dockerfile that copies what the build leaves", async () => {
  const lines = (await readFile(join(root, "Dockerfile"), "utf8")).split("\n");
  const sources = lines
    .filter((line) => line.startsWith("COPY "))
    .flatMap((line) => line.split(" ").slice(1, -1))
    .filter((word) => !word.startsWith("--"))
    .map((path) => path.replace(/^\/src\//, ""));
  expect(sources).toContain("dist/wherry.js");
  expect(sources.filter((path) => !existsSync(join(root, path)))).toEqual([]);
});
