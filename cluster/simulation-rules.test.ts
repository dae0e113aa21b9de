import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { pods } from "../client/resource-types.ts";
import { simulationRules } from "./simulation-rules.ts";
import { createCluster } from "./testing.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "wherry-"));
});
afterAll(() => rm(folder, { recursive: true }));

const crashing = { rules: [{ match: { labels: { app: "web" } }, exit: { after: "1s", code: 3 } }] };

describe("rules of simulated containers", () => {
  it("say how containers end", async () => {
    await using cluster = await createCluster({ clock: "simulated", simulation: crashing });
    const name = { namespace: "default", name: "web" };
    const spec = { containers: [{ name: "web", image: "nginx" }] };
    await cluster.client.create(pods, { metadata: { ...name, labels: { app: "web" } }, spec });
    await cluster.advance("2s");
    const [status] = (await cluster.client.get(pods, name)).status?.containerStatuses ?? [];
    expect(status?.state?.waiting?.reason).toBe("CrashLoopBackOff");
    expect(status?.lastState?.terminated?.exitCode).toBe(3);
  });

  it.each([
    ["rules: [{ exit: { after: soon } }]", /rules\[0\]\.exit/],
    ["rules: [", /yaml/i],
    ["roles: []", /roles/],
  ])("are refused in one line: %s", async (text, message) => {
    const simulationFile = join(folder, "rules.yaml");
    await writeFile(simulationFile, text);
    const refused = await simulationRules({ simulationFile }).catch((thrown: unknown) => thrown);
    expect(refused).toMatchObject({ name: "OptionError", message: expect.stringMatching(message) as string });
    expect((refused as Error).message).toContain("--simulation");
    expect((refused as Error).message).not.toContain("\n");
  });

  it("are refused when the file is not there", async () => {
    const simulationFile = join(folder, "none.yaml");
    await expect(simulationRules({ simulationFile })).rejects.toThrow("cannot be read (ENOENT)");
  });
});
