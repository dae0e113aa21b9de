import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { silentLogger } from "../base/log.ts";
import { call } from "../client/call.ts";
import type { AuditOptions } from "./audit-options.ts";
import { readAuditPolicy } from "./read-audit-policy.ts";
import { apiServerOnly, createCluster } from "./testing.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "wherry-"));
});
afterEach(() => rm(folder, { recursive: true }));

const admin = { name: "admin", groups: ["system:masters"] };
const head = "apiVersion: audit.k8s.io/v1\nkind: Policy\n";

async function policy(text = `${head}rules: [{level: Metadata, users: [admin]}]`): Promise<string> {
  const file = join(folder, "policy.yaml");
  await writeFile(file, text);
  return file;
}

it("notes requests in a file, a line each, all of them there when the cluster is gone", async () => {
  const path = join(folder, "logs", "audit.log");
  for (const mode of ["blocking", "batch"]) {
    await using cluster = await createCluster({
      ...apiServerOnly,
      audit: { policyFile: await policy(), log: { path, mode } },
    });
    await call(cluster.as(admin), { method: "GET", url: "/api/v1/namespaces" });
  }
  const lines = (await readFile(path, "utf8")).trimEnd().split("\n");
  expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual(
    Array.from({ length: 2 }, () => ["RequestReceived", "ResponseComplete"])
      .flat()
      .map((stage) =>
        expect.objectContaining({
          kind: "Event",
          apiVersion: "audit.k8s.io/v1",
          stage,
          requestURI: "/api/v1/namespaces",
        }),
      ),
  );
});

it("says that nothing is noted without a policy, and makes no file", async () => {
  const told: string[] = [];
  const log = { ...silentLogger, warn: (text: string) => void told.push(text) };
  const path = join(folder, "audit.log");
  await using cluster = await createCluster({ ...apiServerOnly, log, audit: { log: { path } } });
  await call(cluster.as(admin), { method: "GET", url: "/version" });
  expect(told).toContain("no --audit-policy-file is given: nothing will be in the audit log");
  await expect(readFile(path)).rejects.toThrow("ENOENT");
});

it("leaves out what it does not know of a policy, and tells", () => {
  const told: string[] = [];
  const rules = [{ level: "None", user: ["a"], resources: [{ groups: ["b"] }] }];
  const value = { apiVersion: "audit.k8s.io/v1", kind: "Policy", metadata: { name: "p" }, rules };
  expect(readAuditPolicy(value, (path) => void told.push(path)).rules).toEqual([{ level: "None", resources: [{}] }]);
  expect(told).toEqual(["rules[0].user", "rules[0].resources[0].groups"]);
});

it.each<[string | undefined, AuditOptions, string]>([
  ["kind: Policy", {}, "it must have apiVersion: audit.k8s.io/v1 and kind: Policy"],
  [`${head}rules: []`, {}, "loaded illegal policy with 0 rules"],
  [`${head}rules: [{}]`, {}, "rules[0].level: Required value"],
  [`${head}rules: [{level: All}, {level: None, namespaces: 1}]`, {}, "rules[1].namespaces: it must be a list"],
  [`${head}rules: [`, {}, "--audit-policy-file"],
  [undefined, { log: { path: "a", format: "xml" } }, 'invalid audit log format xml, allowed formats are "legacy,json"'],
  [
    undefined,
    { log: { path: "a", mode: "never" } },
    'invalid audit log mode never, allowed modes are "batch,blocking,blocking-strict"',
  ],
  [undefined, { log: { path: "a", maxAge: -1 } }, "--audit-log-maxage -1 can't be a negative number"],
  [undefined, { log: { path: "a", version: "v2" } }, 'invalid group version, allowed versions are ["audit.k8s.io/v1"]'],
  [
    undefined,
    { log: { path: "a", mode: "batch", batch: { bufferSize: 0 } } },
    "invalid audit batch log buffer size 0, must be a positive number",
  ],
  [
    undefined,
    { log: { path: "a", truncate: { maxEventSize: 2, maxBatchSize: 1 } } },
    "invalid audit truncate log max batch size 1, must be greater than max event size (2)",
  ],
  [undefined, { log: { path: "/proc/audit.log" } }, "--audit-log-path: /proc/audit.log cannot be written"],
  [
    undefined,
    { webhook: { configFile: "/nowhere/webhook" } },
    "--audit-webhook-config-file: /nowhere/webhook cannot be read (ENOENT)",
  ],
])("refuses %j with %j", async (text, audit, message) => {
  const policyFile = await policy(text);
  await expect(
    createCluster({ ...apiServerOnly, audit: { log: { path: "-" }, ...audit, policyFile } }),
  ).rejects.toThrow(message);
});
