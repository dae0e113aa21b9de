import { expect, it } from "vitest";
import type { UserInfo } from "../../api/wire.ts";
import { openMemoryStore } from "../../storage/engines/memory/memory-engine.ts";
import { startTrial, type Trial } from "../trial.testing.ts";

const apiGroup = "rbac.authorization.k8s.io";
const rbac = `/apis/${apiGroup}/v1`;
const here = `${rbac}/namespaces/default`;
const secrets = "/api/v1/namespaces/default/secrets";
const jane: UserInfo = { name: "jane", groups: [] };
const reading = { verbs: ["list"], apiGroups: [""], resources: ["secrets"] };

function role(name: string, ...rules: readonly object[]): object {
  return { metadata: { name }, rules };
}

function bound(name: string, kind: string, of: string): object {
  return {
    metadata: { name },
    roleRef: { apiGroup, kind, name: of },
    subjects: [{ kind: "User", name: "jane", apiGroup }],
  };
}

async function codeFor(trial: Trial, url = secrets): Promise<number> {
  return (await trial.send("GET", url, { user: jane })).status;
}

it("knows from its first requests on what was stored before it started", async () => {
  const store = await openMemoryStore();
  const first = await startTrial({ store });
  await first.ok("POST", `${rbac}/clusterroles`, role("reading", reading));
  await first.ok("POST", `${here}/rolebindings`, bound("jane", "ClusterRole", "reading"));
  await first.close();
  await using second = await startTrial({ store });
  const codes = await Promise.all(Array.from({ length: 5 }, () => codeFor(second)));
  expect(codes).toEqual([200, 200, 200, 200, 200]);
  expect(await codeFor(second, "/api/v1/secrets")).toBe(403);
});

it("follows each change of a role or a binding by the very next request", async () => {
  await using trial = await startTrial();
  const codes: number[] = [];
  const after = async (change: Promise<unknown>): Promise<void> => {
    await change;
    codes.push(await codeFor(trial));
  };
  await after(trial.ok("POST", `${here}/rolebindings`, bound("jane", "Role", "own")));
  await after(trial.ok("POST", `${here}/roles`, role("own", reading)));
  await after(trial.ok("PUT", `${here}/roles/own`, role("own", { ...reading, verbs: ["get"] })));
  await after(trial.ok("PUT", `${here}/roles/own`, role("own", { ...reading, verbs: ["*"] })));
  await after(trial.ok("DELETE", `${here}/roles/own`));
  await after(trial.ok("POST", `${rbac}/clusterroles`, role("own", reading)));
  await after(trial.ok("POST", `${rbac}/clusterrolebindings`, bound("jane", "ClusterRole", "own")));
  await after(trial.ok("DELETE", `${rbac}/clusterrolebindings`));
  expect(codes).toEqual([403, 200, 403, 200, 403, 403, 200, 403]);
});
