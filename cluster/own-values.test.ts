import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { call } from "../client/call.ts";
import { apiServerOnly, createCluster } from "./testing.ts";

const admin = { name: "admin", groups: ["system:masters"] };
const configMaps = "/api/v1/namespaces/default/configmaps";
const boats = "/apis/example.com/v1/namespaces/default/boats";
const service = "/api/v1/namespaces/default/services/kubernetes";
const definitions = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
const definition = {
  metadata: { name: "boats.example.com" },
  spec: {
    group: "example.com",
    scope: "Namespaced",
    names: { plural: "boats", kind: "Boat" },
    versions: [{ name: "v1", served: true, storage: true, schema: { openAPIV3Schema: { type: "object" } } }],
  },
};

let dataDir: string;
beforeAll(async () => void (dataDir = await mkdtemp(join(tmpdir(), "wherry-"))));
afterAll(() => rm(dataDir, { recursive: true, force: true }));

/** Starts as this build, makes objects of this name, and answers with what there is. */
async function run(build: string | undefined, name: string): Promise<readonly unknown[]> {
  await using cluster = await createCluster({ ...apiServerOnly, dataDir, ...(build === undefined ? {} : { build }) });
  const transport = cluster.as(admin);
  const ask = (url: string): Promise<unknown> => call(transport, { method: "GET", url });
  if (name === "first") {
    await call(transport, { method: "POST", url: definitions, body: definition });
    // The store needs its turns.
    while ((await ask(boats).catch(() => undefined)) === undefined) await new Promise(setImmediate);
  }
  await call(transport, { method: "POST", url: configMaps, body: { metadata: { name }, data: { written: "by it" } } });
  await call(transport, {
    method: "POST",
    url: boats,
    body: { apiVersion: "example.com/v1", kind: "Boat", metadata: { name } },
  });
  return Promise.all([boats, `${definitions}/boats.example.com`, `${configMaps}/first`, service].map(ask));
}

it("whichever build was started after which, each answers with what there is", async () => {
  const [, ...first] = await run("a", "first");
  for (const [at, build] of ["a", "b", undefined, "a", "a"].entries()) {
    const [custom, ...rest] = await run(build, `later-${at}`);
    expect(custom).toMatchObject({ items: { length: at + 2 } });
    expect(rest).toEqual(first);
  }
});
