import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startTrial, type Loose, type Trial } from "../trial.testing.ts";

let trial: Trial;
beforeAll(async () => {
  trial = await startTrial();
});
afterAll(async () => trial[Symbol.asyncDispose]());

const merge = { "content-type": "application/merge-patch+json" };
const template = { metadata: { labels: { a: "b" } }, spec: { containers: [{ name: "c", image: "i" }] } };
const rows = [
  ["/apis/apps/v1/namespaces/default/deployments", { matchLabels: { a: "b" } }],
  [
    "/apis/apps/v1/namespaces/default/replicasets",
    { matchLabels: { a: "b" }, matchExpressions: [{ key: "tier", operator: "DoesNotExist" }] },
  ],
  ["/apis/apps/v1/namespaces/default/statefulsets", { matchLabels: { a: "b" } }],
  ["/api/v1/namespaces/default/replicationcontrollers", { a: "b" }],
] as const;
let count = 0;

async function fresh(at = 0): Promise<{ url: string; made: Loose }> {
  const [collection, selector] = rows[at] ?? rows[0];
  const name = `s${(count += 1)}`;
  return {
    url: `${collection}/${name}`,
    made: await trial.ok("POST", collection, {
      metadata: { name },
      spec: { replicas: 2, serviceName: "s", selector, template },
    }),
  };
}

describe("the scale of an object", () => {
  it.each([0, 1, 2, 3])("is the same face for every kind that has replicas (%d)", async (at) => {
    const { url, made } = await fresh(at);
    const { name, namespace, uid, resourceVersion, creationTimestamp } = made.metadata ?? {};
    expect(await trial.ok("GET", `${url}/scale`)).toEqual({
      kind: "Scale",
      apiVersion: "autoscaling/v1",
      metadata: { name, namespace, uid, resourceVersion, creationTimestamp },
      spec: { replicas: 2 },
      status: { replicas: 0, selector: at === 1 ? "a=b,!tier" : "a=b" },
    });
  });

  it("is written by PUT and by patches, and moves the generation", async () => {
    const { url } = await fresh();
    const scale = await trial.ok("GET", `${url}/scale`);
    expect(await trial.ok("PUT", `${url}/scale`, { ...scale, spec: { replicas: 3 } })).toMatchObject({
      kind: "Scale",
      spec: { replicas: 3 },
    });
    expect(await trial.ok("PATCH", `${url}/scale`, { spec: { replicas: 4 } }, merge)).toMatchObject({
      spec: { replicas: 4 },
    });
    expect(
      await trial.ok("PATCH", `${url}/scale`, [{ op: "replace", path: "/spec/replicas", value: 5 }], {
        "content-type": "application/json-patch+json",
      }),
    ).toMatchObject({ spec: { replicas: 5 } });
    expect(await trial.ok("GET", url)).toMatchObject({ spec: { replicas: 5 }, metadata: { generation: 4 } });
  });

  it("changes nothing but the replicas, and may be none", async () => {
    const { url, made } = await fresh();
    await trial.ok(
      "PATCH",
      `${url}/scale`,
      { metadata: { labels: { x: "y" } }, spec: { replicas: 0 }, status: { replicas: 9 } },
      merge,
    );
    const now = await trial.ok("GET", url);
    expect(now).toMatchObject({ spec: { ...(made["spec"] as object), replicas: 0 }, status: made["status"] });
    expect(now.metadata?.labels).toBeUndefined();
  });

  it("without a resourceVersion is written whatever the state, with an old one not", async () => {
    const { url } = await fresh();
    const scale = await trial.ok("GET", `${url}/scale`);
    const name = scale.metadata?.name;
    await trial.ok("PUT", `${url}/scale`, { metadata: { name }, spec: { replicas: 6 } });
    expect(await trial.refusal("PUT", `${url}/scale`, { ...scale, spec: { replicas: 7 } })).toMatchObject({
      code: 409,
      reason: "Conflict",
    });
    expect(
      (
        await trial.refusal(
          "PATCH",
          `${url}/scale`,
          { metadata: { resourceVersion: "1" }, spec: { replicas: 7 } },
          merge,
        )
      ).code,
    ).toBe(409);
  });

  it("that changes nothing moves no revision, nor does a dry run", async () => {
    const { url } = await fresh();
    const revision = await trial.revision();
    await trial.ok("PATCH", `${url}/scale`, { spec: { replicas: 2 } }, merge);
    expect(await trial.ok("PATCH", `${url}/scale?dryRun=All`, { spec: { replicas: 9 } }, merge)).toMatchObject({
      spec: { replicas: 9 },
    });
    expect(await trial.revision()).toBe(revision);
  });

  it.each<[string, unknown, number]>([
    [
      "of another kind",
      { kind: "Deployment", apiVersion: "apps/v1", metadata: { name: "NAME" }, spec: { replicas: 1 } },
      400,
    ],
    ["of another name", { metadata: { name: "other" }, spec: { replicas: 1 } }, 400],
    ["with a text as replicas", { metadata: { name: "NAME" }, spec: { replicas: "many" } }, 400],
    ["with half a replica", { metadata: { name: "NAME" }, spec: { replicas: 1.5 } }, 400],
    ["below nothing", { metadata: { name: "NAME" }, spec: { replicas: -1 } }, 422],
    ["that is a list", [], 400],
  ])("%s is refused", async (_, body, code) => {
    const { url, made } = await fresh();
    const text = JSON.stringify(body).replace("NAME", made.metadata?.name ?? "");
    expect((await trial.refusal("PUT", `${url}/scale`, text)).code).toBe(code);
    expect(await trial.ok("GET", url)).toEqual(made);
  });

  it("of what is not there, or has none, is refused with 404", async () => {
    expect((await trial.refusal("GET", `${rows[0][0]}/none/scale`)).code).toBe(404);
    expect((await trial.refusal("PATCH", `${rows[0][0]}/none/scale`, {}, merge)).code).toBe(404);
    expect((await trial.refusal("GET", "/api/v1/namespaces/default/configmaps/x/scale")).code).toBe(404);
  });
});

it("a scale is shown as a table, or as its metadata, where a client prefers that", async () => {
  const { url, made } = await fresh();
  const name = made.metadata?.name;
  const table = await trial.ok("GET", `${url}/scale`, undefined, {
    accept: "application/json;as=Table;g=meta.k8s.io;v=v1",
  });
  expect(table).toMatchObject({
    columnDefinitions: [{ name: "Name" }, { name: "Desired" }, { name: "Available" }, { name: "Age" }],
    rows: [{ cells: [name, 2, 0, expect.stringMatching(/^\d+s$/)] }],
  });
  const only = { accept: "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1" };
  expect(await trial.ok("GET", `${url}/scale`, undefined, only)).toMatchObject({
    kind: "PartialObjectMetadata",
    metadata: { name },
  });
});
