import { spawnSync } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parse } from "yaml";
import { goProgram } from "../go/go-program.ts";
import { openStage, type Stage } from "../kubectl/stage.ts";
import type { Program } from "../program.ts";
import { pythonProgram } from "../python/python-program.ts";
import { pod } from "../workloads/objects.ts";

/** What programs that run in pods do with the client libraries: nobody gives them credentials but the cluster. */
const languages = [
  { language: "Go", tool: "go", version: "version", start: (folder: string) => goProgram(folder), args: [] },
  {
    language: "Python",
    tool: "python3",
    version: "--version",
    start: () => pythonProgram("in_cluster.py"),
    args: ["folder"],
  },
] as const;

for (const { language, tool, version, start, args } of languages) {
  const missing = spawnSync(tool, [version]).error !== undefined;
  describe.skipIf(missing)(`a ${language} program${missing ? ` (skipped: ${tool} is not installed)` : ""}`, () => {
    let stage: Stage;
    let program: Program;
    let folder: string;
    let server: URL;
    beforeAll(async () => {
      stage = await openStage(36, `in-cluster-${language.toLowerCase()}`);
      await stage.ok("create", "serviceaccount", "reader");
      await stage.ok("create", "role", "reader", "--verb=get,list,watch", "--resource=pods");
      await stage.ok("create", "rolebinding", "reader", "--role=reader", `--serviceaccount=${stage.namespace}:reader`);
      const one = pod("one", { spec: { nodeSelector: { "conformance.example.com/none": "" } } });
      await stage.kubectl.ok(["create", "-n", stage.namespace, "-f", "-"], { stdin: JSON.stringify(one) });
      folder = await mkdtemp(join(tmpdir(), "credentials-"));
      const { clusters } = parse(stage.target.kubeconfig) as {
        readonly clusters: readonly [
          { readonly cluster: { readonly server: string; readonly "certificate-authority-data": string } },
        ];
      };
      server = new URL(clusters[0].cluster.server);
      await writeFile(join(folder, "ca.crt"), Buffer.from(clusters[0].cluster["certificate-authority-data"], "base64"));
      await writeFile(join(folder, "namespace"), stage.namespace);
      await writeFile(join(folder, "token"), await stage.ok("create", "token", "reader"));
      program = await start(folder);
    }, 300_000);
    afterAll(async () => {
      await program[Symbol.asyncDispose]();
      await stage[Symbol.asyncDispose]();
      await rm(folder, { recursive: true });
    });

    const told = async (): Promise<unknown> =>
      JSON.parse(
        await program.ok([stage.namespace, ...args.map(() => folder)], {
          env: { KUBERNETES_SERVICE_HOST: server.hostname, KUBERNETES_SERVICE_PORT: server.port },
        }),
      );

    test("is its pod's service account, and may do what that may", async () => {
      expect(await told()).toEqual({
        user: `system:serviceaccount:${stage.namespace}:reader`,
        pods: ["one"],
        seen: ["one"],
        refused: ["Forbidden"],
      });
    });

    test("is nobody any more when the account is gone", async () => {
      await stage.ok("delete", "serviceaccount", "reader");
      expect(await told()).toEqual({
        user: "",
        pods: [],
        seen: [],
        refused: ["Unauthorized", "Unauthorized", "Unauthorized"],
      });
    });
  });
}
