import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { configMap, configMaps, startTrial, type Loose, type Trial } from "../trial.testing.ts";

let trial: Trial;
beforeAll(async () => {
  trial = await startTrial();
});
afterAll(async () => trial[Symbol.asyncDispose]());

const deployments = "/apis/apps/v1/namespaces/default/deployments";
const json = { "content-type": "application/json-patch+json" };
const merge = { "content-type": "application/merge-patch+json" };
const strategic = { "content-type": "application/strategic-merge-patch+json" };
let count = 0;

async function fresh(): Promise<{ url: string; made: Loose }> {
  const name = `p${(count += 1)}`;
  return {
    url: `${configMaps}/${name}`,
    made: await trial.ok("POST", configMaps, configMap(name, { a: "1", b: "2" })),
  };
}

async function freshDeployment(): Promise<{ url: string; made: Loose }> {
  const name = `d${(count += 1)}`;
  const containers = [
    { name: "one", image: "i:1", args: ["x"], ports: [{ containerPort: 80 }], env: [{ name: "A", value: "1" }] },
    { name: "two", image: "i:2" },
  ];
  const template = { metadata: { labels: { a: "b" } }, spec: { containers, volumes: [{ name: "v", emptyDir: {} }] } };
  return {
    url: `${deployments}/${name}`,
    made: await trial.ok("POST", deployments, {
      metadata: { name },
      spec: { selector: { matchLabels: { a: "b" } }, template },
    }),
  };
}

interface Container {
  readonly name: string;
  readonly image: string;
  readonly args?: readonly string[];
  readonly env?: readonly object[];
}
const podOf = (deployment: Loose): { containers: readonly Container[]; volumes?: readonly object[] } =>
  (deployment["spec"] as { template: { spec: { containers: readonly Container[] } } }).template.spec;

describe("a patch", () => {
  it("is a list of operations, a document to merge, or one that knows the lists", async () => {
    const { url } = await fresh();
    expect(
      (
        await trial.ok(
          "PATCH",
          url,
          [
            { op: "test", path: "/data/a", value: "1" },
            { op: "replace", path: "/data/a", value: "j" },
          ],
          json,
        )
      )["data"],
    ).toEqual({ a: "j", b: "2" });
    expect((await trial.ok("PATCH", url, { data: { a: null, c: "m" } }, merge))["data"]).toEqual({ b: "2", c: "m" });
    expect((await trial.ok("PATCH", url, { data: { $patch: "replace", s: "s" } }, strategic))["data"]).toEqual({
      s: "s",
    });
  });

  it("merges lists by their keys, and follows the directives", async () => {
    const { url } = await freshDeployment();
    const added = await trial.ok(
      "PATCH",
      url,
      {
        spec: {
          template: {
            spec: {
              containers: [
                { name: "two", image: "i:3" },
                { name: "three", image: "i" },
              ],
            },
          },
        },
      },
      strategic,
    );
    expect(
      podOf(added)
        .containers.map(({ name, image }) => `${name}=${image}`)
        .toSorted(),
    ).toEqual(["one=i:1", "three=i", "two=i:3"]);
    const ordered = await trial.ok(
      "PATCH",
      url,
      {
        spec: {
          template: {
            spec: {
              "$setElementOrder/containers": [{ name: "three" }, { name: "one" }, { name: "two" }],
              containers: [{ name: "two", image: "i:4" }],
            },
          },
        },
      },
      strategic,
    );
    expect(podOf(ordered).containers.map(({ name, image }) => `${name}=${image}`)).toEqual([
      "three=i",
      "one=i:1",
      "two=i:4",
    ]);
    const removed = await trial.ok(
      "PATCH",
      url,
      {
        spec: {
          template: {
            spec: {
              containers: [{ name: "three", $patch: "delete" }],
              volumes: [{ name: "v", $retainKeys: ["name", "hostPath"], hostPath: { path: "/x" } }],
            },
          },
        },
      },
      strategic,
    );
    expect(podOf(removed).containers.map(({ name }) => name)).toEqual(["one", "two"]);
    expect(podOf(removed).volumes).toMatchObject([{ name: "v", hostPath: { path: "/x" } }]);
    expect(JSON.stringify(removed)).not.toContain("$");
  });

  it("replaces whole lists when it is merged", async () => {
    const { url } = await freshDeployment();
    const patched = await trial.ok(
      "PATCH",
      url,
      { spec: { template: { spec: { containers: [{ name: "only", image: "x" }] } } } },
      merge,
    );
    expect(podOf(patched).containers.map(({ name }) => name)).toEqual(["only"]);
  });

  it("that changes nothing moves no revision", async () => {
    const { url, made } = await freshDeployment();
    const revision = await trial.revision();
    expect(await trial.ok("PATCH", url, {}, merge)).toEqual(made);
    expect(
      await trial.ok(
        "PATCH",
        url,
        { spec: { template: { spec: { containers: [{ name: "one", image: "i:1" }] } } } },
        strategic,
      ),
    ).toEqual(made);
    expect(await trial.ok("PATCH", url, [], json)).toEqual(made);
    expect(await trial.revision()).toBe(revision);
  });

  it("with the resourceVersion of an old state is a conflict, in each type", async () => {
    const { url, made } = await fresh();
    const { resourceVersion } = made.metadata ?? {};
    await trial.ok("PATCH", url, { data: { a: "x" } }, merge);
    const patches = [
      [{ metadata: { resourceVersion }, data: { a: "y" } }, merge],
      [{ metadata: { resourceVersion }, data: { a: "y" } }, strategic],
      [[{ op: "replace", path: "/metadata/resourceVersion", value: resourceVersion }], json],
    ] as const;
    for (const [body, headers] of patches)
      expect(await trial.refusal("PATCH", url, body, headers)).toMatchObject({
        code: 409,
        reason: "Conflict",
        message: expect.stringContaining("the object has been modified") as string,
      });
    const { metadata } = await trial.ok("GET", url);
    expect(
      await trial.ok(
        "PATCH",
        url,
        { metadata: { resourceVersion: metadata?.resourceVersion }, data: { a: "z" } },
        merge,
      ),
    ).toMatchObject({ data: { a: "z" } });
  });

  it("of many at the same time all arrive", async () => {
    const { url } = await fresh();
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, index) =>
        trial.send("PATCH", url, { body: { data: { [`k${index}`]: "v" } }, headers: merge }),
      ),
    );
    expect(answers.map(({ status }) => status)).toEqual(Array<number>(50).fill(200));
    expect(Object.keys((await trial.ok("GET", url))["data"] as object)).toHaveLength(52);
  });

  it("of many at the same time that test what they change count exactly", async () => {
    const { url } = await fresh();
    const operations = [
      { op: "test", path: "/data/a", value: "1" },
      { op: "replace", path: "/data/a", value: "won" },
    ];
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => trial.send("PATCH", url, { body: operations, headers: json })),
    );
    expect(answers.map(({ status }) => status).toSorted()).toEqual([200, ...Array<number>(19).fill(422)]);
  });

  it("may not change the name, the namespace or the uid", async () => {
    const { url } = await fresh();
    for (const [metadata, code] of [
      [{ name: "other" }, 400],
      [{ namespace: "other" }, 400],
      [{ uid: "other" }, 409],
    ] as const)
      expect((await trial.refusal("PATCH", url, { metadata }, merge)).code).toBe(code);
  });

  it("may not take kind or apiVersion elsewhere", async () => {
    const { url } = await fresh();
    expect((await trial.refusal("PATCH", url, { kind: "Secret" }, merge)).code).toBe(400);
    expect((await trial.refusal("PATCH", url, { apiVersion: "v2" }, merge)).code).toBe(400);
  });

  it("of what is not there is refused with 404", async () => {
    expect(await trial.refusal("PATCH", `${configMaps}/none`, {}, merge)).toMatchObject({
      code: 404,
      message: 'configmaps "none" not found',
    });
  });

  it.each([
    [
      "application/json",
      415,
      "application/json-patch+json, application/merge-patch+json, application/strategic-merge-patch+json",
    ],
    ["text/plain", 415, "accepted media types include"],
    ["", 415, "accepted media types include"],
    ["constructor", 415, "accepted media types include"],
  ])("of type %j is refused", async (type, code, message) => {
    const { url } = await fresh();
    const status = await trial.refusal("PATCH", url, "{}", { "content-type": type });
    expect([status.code, status.reason]).toEqual([code, "UnsupportedMediaType"]);
    expect(status.message).toContain(message);
  });

  it("may say its type with parameters and in any case", async () => {
    const { url } = await fresh();
    await trial.ok("PATCH", url, {}, { "content-type": "Application/Merge-Patch+JSON; charset=utf-8" });
  });

  it.each([
    ["no JSON", merge, "{", 400],
    ["a list to merge", merge, "[]", 400],
    ["nothing to merge", merge, "null", 400],
    ["no list of operations", json, "{}", 400],
    ["an unknown operation", json, '[{"op":"swap","path":"/a"}]', 422],
    ["a failed test", json, '[{"op":"test","path":"/data/a","value":"9"}]', 422],
    ["an absent path", json, '[{"op":"remove","path":"/data/none"}]', 422],
    ["the whole object away", json, '[{"op":"replace","path":"","value":null}]', 422],
    ["a wrong type", merge, '{"data":{"a":5}}', 400],
    ["an invalid object", merge, '{"data":{"no/slash":"x"}}', 422],
    ["an unknown directive", strategic, '{"data":{"$patch":"explode"}}', 400],
    ["a text", strategic, '"x"', 400],
  ])("with %s is refused", async (_, headers, body, code) => {
    const { url, made } = await fresh();
    expect((await trial.refusal("PATCH", url, body, headers)).code).toBe(code);
    expect(await trial.ok("GET", url)).toEqual(made);
  });

  it("to a subresource writes only what that may write", async () => {
    const { url } = await freshDeployment();
    const patched = await trial.ok(
      "PATCH",
      `${url}/status`,
      { metadata: { labels: { x: "y" } }, spec: { replicas: 7 }, status: { replicas: 3 } },
      merge,
    );
    expect(patched).toMatchObject({ spec: { replicas: 1 }, status: { replicas: 3 } });
    expect(patched.metadata?.labels).toBeUndefined();
  });

  it("in a dry run leaves no trace", async () => {
    const { url, made } = await fresh();
    expect(await trial.ok("PATCH", `${url}?dryRun=All`, { data: { a: "dry" } }, merge)).toMatchObject({
      data: { a: "dry" },
    });
    expect(await trial.ok("GET", url)).toEqual(made);
  });
});
