import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { encodeProtobuf } from "../../api/schema/protobuf/encode.ts";
import { openMemoryStore } from "../../storage/engines/memory/memory-engine.ts";
import { ManualClock } from "../../storage/manual-clock.testing.ts";
import { configMap, configMaps, startTrial, type Loose, type LooseList, type Trial } from "../trial.testing.ts";

const start = Date.parse("2026-05-04T03:02:01Z");
const clock = new ManualClock(start);
let trial: Trial;
beforeAll(async () => {
  trial = await startTrial({ clock });
});
afterAll(async () => trial[Symbol.asyncDispose]());

const pods = "/api/v1/namespaces/default/pods";
const jobs = "/apis/batch/v1/namespaces/default/jobs";
const merge = { "content-type": "application/merge-patch+json" };
let count = 0;

async function fresh(metadata: object = {}): Promise<{ url: string; made: Loose }> {
  const name = `x${(count += 1)}`;
  return {
    url: `${configMaps}/${name}`,
    made: await trial.ok("POST", configMaps, { metadata: { name, ...metadata } }),
  };
}

async function freshPod(spec: object = { nodeName: "n" }): Promise<string> {
  const name = `x${(count += 1)}`;
  await trial.ok("POST", pods, { metadata: { name }, spec: { containers: [{ name: "c", image: "i" }], ...spec } });
  return `${pods}/${name}`;
}

const gone = async (url: string): Promise<boolean> => (await trial.send("GET", url)).status === 404;

describe("a deletion", () => {
  it("that is done answers with a Status that names what is gone", async () => {
    const { url, made } = await fresh();
    expect(await trial.ok("DELETE", url)).toEqual({
      kind: "Status",
      apiVersion: "v1",
      metadata: {},
      status: "Success",
      details: { name: made.metadata?.name, kind: "configmaps", uid: made.metadata?.uid },
    });
    expect(await trial.refusal("DELETE", url)).toMatchObject({
      code: 404,
      reason: "NotFound",
      message: `configmaps "${made.metadata?.name}" not found`,
    });
  });

  it("of a pod, a service or a claim answers with the object", async () => {
    expect(await trial.ok("DELETE", await freshPod({}))).toMatchObject({ kind: "Pod" });
    await trial.ok("POST", "/api/v1/namespaces/default/serviceaccounts", { metadata: { name: "s" } });
    expect(await trial.ok("DELETE", "/api/v1/namespaces/default/serviceaccounts/s")).toMatchObject({
      kind: "ServiceAccount",
    });
  });

  it("of many at the same time is done once", async () => {
    const { url } = await fresh();
    const answers = await Promise.all(Array.from({ length: 10 }, () => trial.send("DELETE", url)));
    expect(answers.map(({ status }) => status).toSorted()).toEqual([200, ...Array<number>(9).fill(404)]);
  });

  it("meets a writer: either the object is changed and then gone, or the change is refused", async () => {
    for (let round = 0; round < 10; round += 1) {
      const { url } = await fresh();
      const [deleted, patched] = await Promise.all([
        trial.send("DELETE", url),
        trial.send("PATCH", url, { body: { data: { a: "1" } }, headers: merge }),
      ]);
      expect(deleted.status).toBe(200);
      expect([200, 404]).toContain(patched.status);
      expect(await gone(url)).toBe(true);
    }
  });

  it("makes room for another object of the same name with another uid", async () => {
    const { url, made } = await fresh();
    await trial.ok("DELETE", url);
    const again = await trial.ok("POST", configMaps, configMap(made.metadata?.name ?? ""));
    expect(again.metadata?.uid).not.toBe(made.metadata?.uid);
  });
});

describe("the options of a deletion", () => {
  it("may be in the body as JSON, YAML or protobuf, or in the query", async () => {
    const options = { kind: "DeleteOptions", apiVersion: "v1", gracePeriodSeconds: 7 };
    const bodies: readonly [string, string | Uint8Array][] = [
      ["application/json", JSON.stringify(options)],
      ["application/json", JSON.stringify({ ...options, apiVersion: "policy/v1" })],
      ["application/json", '{"gracePeriodSeconds":7}'],
      ["application/yaml", "gracePeriodSeconds: 7\n"],
      ["application/vnd.kubernetes.protobuf", encodeProtobuf(options)],
    ];
    for (const [type, body] of bodies)
      expect(
        (await trial.ok("DELETE", await freshPod(), body, { "content-type": type })).metadata
          ?.deletionGracePeriodSeconds,
      ).toBe(7);
    expect(
      (await trial.ok("DELETE", `${await freshPod()}?gracePeriodSeconds=7`)).metadata?.deletionGracePeriodSeconds,
    ).toBe(7);
    expect(
      (await trial.ok("DELETE", await freshPod(), "", { "content-type": "application/vnd.kubernetes.protobuf" }))
        .metadata?.deletionGracePeriodSeconds,
    ).toBe(30);
    expect(
      (await trial.ok("DELETE", await freshPod(), { gracePeriodSeconds: null, preconditions: null, dryRun: null }))
        .metadata?.deletionGracePeriodSeconds,
    ).toBe(30);
  });

  it.each<[string, object | string, number]>([
    ["no object", "[]", 400],
    ["no JSON", "{", 400],
    ["a text as grace period", { gracePeriodSeconds: "soon" }, 400],
    ["half a second", { gracePeriodSeconds: 0.5 }, 400],
    ["an unknown policy", { propagationPolicy: "Sideways" }, 422],
    ["two policies", { propagationPolicy: "Orphan", orphanDependents: true }, 422],
    ["an unknown dry run", { dryRun: ["Some"] }, 422],
    ["another kind", { kind: "Pod", apiVersion: "v1" }, 400],
    ["a number as precondition", { preconditions: { uid: 5 } }, 400],
    ["preconditions that are none", { preconditions: [] }, 400],
  ])("with %s are refused", async (_, body, code) => {
    const { url } = await fresh();
    expect((await trial.refusal("DELETE", url, body)).code).toBe(code);
    expect(await gone(url)).toBe(false);
  });

  it("in the query are refused alike", async () => {
    const { url } = await fresh();
    for (const [query, code] of [
      ["gracePeriodSeconds=soon", 400],
      ["propagationPolicy=x", 422],
      ["dryRun=x", 422],
    ] as const)
      expect((await trial.refusal("DELETE", `${url}?${query}`)).code).toBe(code);
    expect(await gone(url)).toBe(false);
  });

  it("with a precondition that does not hold are a conflict", async () => {
    const { url, made } = await fresh();
    const { name, uid, resourceVersion } = made.metadata ?? {};
    expect((await trial.refusal("DELETE", url, { preconditions: { uid: "other" } })).message).toBe(
      `Operation cannot be fulfilled on ConfigMap "${name}": the UID in the precondition (other) does not match the UID in record (${uid}). The object might have been deleted and then recreated`,
    );
    expect(await trial.refusal("DELETE", url, { preconditions: { resourceVersion: "1" } })).toMatchObject({
      code: 409,
      reason: "Conflict",
      message: expect.stringContaining(
        `the ResourceVersion in the precondition (1) does not match the ResourceVersion in record (${resourceVersion}).`,
      ) as string,
    });
    await trial.ok("DELETE", url, { preconditions: { uid, resourceVersion } });
  });

  it("for a dry run leave everything as it is", async () => {
    const revision = async (): Promise<number> => trial.revision();
    const { url } = await fresh();
    const pod = await freshPod();
    const before = await revision();
    expect(await trial.ok("DELETE", `${url}?dryRun=All`)).toMatchObject({ kind: "Status", status: "Success" });
    expect(await trial.ok("DELETE", url, { dryRun: ["All"] })).toMatchObject({ kind: "Status", status: "Success" });
    expect(await trial.ok("DELETE", `${pod}?dryRun=All`)).toMatchObject({
      metadata: { deletionGracePeriodSeconds: 30 },
    });
    expect(await revision()).toBe(before);
    expect((await trial.ok("GET", pod)).metadata?.deletionTimestamp).toBeUndefined();
  });
});

describe("a pod", () => {
  it("on a node gets its grace period, at the end of which somebody deletes it for good", async () => {
    const url = await freshPod();
    expect((await trial.ok("DELETE", url)).metadata).toMatchObject({
      deletionTimestamp: "2026-05-04T03:02:31Z",
      deletionGracePeriodSeconds: 30,
      generation: 2,
    });
    const marked = await trial.ok("GET", url);
    expect(await trial.ok("DELETE", url)).toEqual(marked);
    expect(await trial.ok("DELETE", `${url}?gracePeriodSeconds=40`)).toEqual(marked);
    expect((await trial.ok("DELETE", `${url}?gracePeriodSeconds=10`)).metadata).toMatchObject({
      deletionTimestamp: "2026-05-04T03:02:11Z",
      deletionGracePeriodSeconds: 10,
    });
    expect(await trial.ok("DELETE", `${url}?gracePeriodSeconds=0`)).toMatchObject({ kind: "Pod" });
    expect(await gone(url)).toBe(true);
  });

  it("without a node, or that has ended, goes at once", async () => {
    const idle = await freshPod({});
    await trial.ok("DELETE", idle);
    expect(await gone(idle)).toBe(true);
    const ended = await freshPod();
    await trial.ok("PATCH", `${ended}/status`, { status: { phase: "Succeeded" } }, merge);
    await trial.ok("DELETE", ended);
    expect(await gone(ended)).toBe(true);
  });

  it("with a negative wish gets a second", async () => {
    expect(
      (await trial.ok("DELETE", `${await freshPod()}?gracePeriodSeconds=-5`)).metadata?.deletionGracePeriodSeconds,
    ).toBe(1);
  });

  it("with a finalizer stays until that is gone, even after its grace", async () => {
    const url = await freshPod();
    await trial.ok("PATCH", url, { metadata: { finalizers: ["example.com/a"] } }, merge);
    await trial.ok("DELETE", `${url}?gracePeriodSeconds=0`);
    expect(await gone(url)).toBe(false);
    await trial.ok("PATCH", url, { metadata: { finalizers: null } }, merge);
    expect(await gone(url)).toBe(true);
  });
});

describe("what becomes of dependents", () => {
  it.each([
    [{ propagationPolicy: "Foreground" }, "foregroundDeletion"],
    [{ propagationPolicy: "Orphan" }, "orphan"],
    [{ orphanDependents: true }, "orphan"],
  ])("is recorded as a finalizer: %j", async (options, finalizer) => {
    const { url } = await fresh();
    const marked = await trial.ok("DELETE", url, options);
    expect(marked.metadata).toMatchObject({
      finalizers: [finalizer],
      deletionTimestamp: "2026-05-04T03:02:01Z",
      deletionGracePeriodSeconds: 0,
    });
    expect(await trial.ok("DELETE", url, options)).toEqual(marked);
    await trial.ok("DELETE", url, { propagationPolicy: "Background" });
    expect(await gone(url)).toBe(true);
  });

  it("needs no record when they may go later", async () => {
    for (const options of [{}, { propagationPolicy: "Background" }, { orphanDependents: false }]) {
      const { url } = await fresh();
      await trial.ok("DELETE", url, options);
      expect(await gone(url)).toBe(true);
    }
  });

  it("of a job is to stay where nothing else is said", async () => {
    const name = `x${(count += 1)}`;
    await trial.ok("POST", jobs, {
      metadata: { name },
      spec: { template: { spec: { restartPolicy: "Never", containers: [{ name: "c", image: "i" }] } } },
    });
    expect((await trial.ok("DELETE", `${jobs}/${name}`)).metadata?.finalizers).toEqual(["orphan"]);
  });
});

describe("the deletion of a collection", () => {
  const names = ({ items }: LooseList): readonly (string | undefined)[] => items.map(({ metadata }) => metadata?.name);

  it("takes what its selectors want, and answers with it", async () => {
    const namespace = "/api/v1/namespaces/many";
    await trial.ok("POST", "/api/v1/namespaces", { metadata: { name: "many" } });
    for (const name of ["a", "b", "c", "d"])
      await trial.ok("POST", `${namespace}/configmaps`, configMap(name, {}, { half: name < "c" ? "one" : "two" }));
    const dry = await trial.ok<LooseList>("DELETE", `${namespace}/configmaps?dryRun=All`);
    expect(names(dry)).toEqual(["a", "b", "c", "d"]);
    expect(
      names(
        await trial.ok<LooseList>(
          "DELETE",
          `${namespace}/configmaps?labelSelector=half%3Done&fieldSelector=metadata.name%21%3Db`,
        ),
      ),
    ).toEqual(["a"]);
    expect(names(await trial.list(`${namespace}/configmaps`))).toEqual(["b", "c", "d"]);
    const rest = await trial.ok<LooseList>("DELETE", `${namespace}/configmaps`);
    expect([rest.kind, names(rest)]).toEqual(["ConfigMapList", ["b", "c", "d"]]);
    expect(names(await trial.list(`${namespace}/configmaps`))).toEqual([]);
    expect(names(await trial.ok<LooseList>("DELETE", `${namespace}/configmaps`))).toEqual([]);
  });

  it("gives pods their grace", async () => {
    await trial.ok("POST", "/api/v1/namespaces", { metadata: { name: "graceful" } });
    const url = "/api/v1/namespaces/graceful/pods";
    await trial.ok("POST", url, {
      metadata: { name: "p" },
      spec: { nodeName: "n", containers: [{ name: "c", image: "i" }] },
    });
    await trial.ok("DELETE", url);
    expect((await trial.list(url)).items[0]?.metadata?.deletionGracePeriodSeconds).toBe(30);
    await trial.ok("DELETE", url, { gracePeriodSeconds: 0 });
    expect((await trial.list(url)).items).toEqual([]);
  });

  it("takes more than it does at a time, also while others delete them too", async () => {
    await trial.ok("POST", "/api/v1/namespaces", { metadata: { name: "crowd" } });
    const url = "/api/v1/namespaces/crowd/configmaps";
    for (let index = 100; index < 230; index += 1) await trial.ok("POST", url, configMap(`c${index}`));
    const [one, other] = await Promise.all([trial.ok<LooseList>("DELETE", url), trial.ok<LooseList>("DELETE", url)]);
    expect(one.items.length + other.items.length).toBe(130);
    expect((await trial.list(url)).items).toEqual([]);
  });

  it("is refused for all namespaces and for wrong selectors", async () => {
    expect((await trial.refusal("DELETE", "/api/v1/configmaps")).code).toBe(405);
    expect((await trial.refusal("DELETE", `${configMaps}?fieldSelector=no`)).code).toBe(400);
    expect((await trial.refusal("DELETE", configMaps, { propagationPolicy: "x" })).code).toBe(422);
  });
});

describe("an event", () => {
  it("goes by itself after an hour", async () => {
    const url = "/api/v1/namespaces/default/events";
    const own = new ManualClock(start);
    await using timed = await startTrial({ clock: own, store: await openMemoryStore({ clock: own }) });
    await timed.ok("POST", url, {
      metadata: { name: "e" },
      involvedObject: { kind: "Pod", name: "p", namespace: "default" },
    });
    const watch = await timed.watch(`${url}?watch=1&resourceVersion=${await timed.revision()}`);
    own.advance(3_599_000);
    await timed.ok("GET", `${url}/e`);
    own.advance(2_000);
    expect(await watch.next(1)).toMatchObject([{ type: "DELETED", object: { metadata: { name: "e" } } }]);
    expect((await timed.refusal("GET", `${url}/e`)).code).toBe(404);
  });
});
