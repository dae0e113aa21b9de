import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { optimisticLock } from "../../api/machinery/status.ts";
import { configMap, configMaps, startTrial, type Loose, type Trial } from "../trial.testing.ts";

let trial: Trial;
beforeAll(async () => {
  trial = await startTrial();
});
afterAll(async () => trial[Symbol.asyncDispose]());

const deployments = "/apis/apps/v1/namespaces/default/deployments";
const pods = "/api/v1/namespaces/default/pods";
const leases = "/apis/coordination.k8s.io/v1/namespaces/default/leases";
let count = 0;
const fresh = async (): Promise<Loose> => trial.ok("POST", configMaps, configMap(`u${(count += 1)}`, { a: "1" }));
const urlOf = ({ metadata }: Loose): string => `${configMaps}/${metadata?.name}`;
const deployment = (name: string, more: object = {}): object => ({
  metadata: { name },
  spec: {
    replicas: 1,
    selector: { matchLabels: { a: "b" } },
    template: { metadata: { labels: { a: "b" } }, spec: { containers: [{ name: "c", image: "i" }] } },
    ...more,
  },
});
const limits = "/api/v1/namespaces/default/limitranges";
const limit = (name: string, cpu: string): object => ({
  metadata: { name },
  spec: { limits: [{ type: "Container", max: { cpu } }] },
});
const lease = (name: string, holderIdentity: string, metadata: object = {}): object => ({
  metadata: { name, ...metadata },
  spec: { holderIdentity },
});

describe("an update", () => {
  it("with the stored resourceVersion takes what was sent and moves it on", async () => {
    const made = await fresh();
    const put = await trial.ok("PUT", urlOf(made), { ...made, data: { b: "2" } });
    expect(put).toMatchObject({
      data: { b: "2" },
      metadata: { uid: made.metadata?.uid, creationTimestamp: made.metadata?.creationTimestamp },
    });
    expect(put["data"]).not.toHaveProperty("a");
    expect(Number(put.metadata?.resourceVersion)).toBeGreaterThan(Number(made.metadata?.resourceVersion));
  });

  it("with an old one is a conflict", async () => {
    const made = await fresh();
    await trial.ok("PUT", urlOf(made), { ...made, data: { b: "2" } });
    expect(await trial.refusal("PUT", urlOf(made), { ...made, data: { c: "3" } })).toEqual({
      kind: "Status",
      apiVersion: "v1",
      metadata: {},
      status: "Failure",
      message: `Operation cannot be fulfilled on configmaps "${made.metadata?.name}": ${optimisticLock}`,
      reason: "Conflict",
      details: { name: made.metadata?.name, kind: "configmaps" },
      code: 409,
    });
  });

  it("without one is done where the kind allows it, and refused with 422 where not", async () => {
    const made = await fresh();
    const { resourceVersion: _, ...metadata } = made.metadata ?? {};
    expect(await trial.ok("PUT", urlOf(made), { ...made, metadata, data: {} })).not.toHaveProperty("data");
    const roles = "/apis/scheduling.k8s.io/v1/priorityclasses";
    await trial.ok("POST", roles, { metadata: { name: "p" }, value: 1 });
    await trial.ok("PUT", `${roles}/p`, { metadata: { name: "p" }, value: 1, description: "x" });
    const node = "/apis/storage.k8s.io/v1/csidrivers";
    await trial.ok("POST", node, { metadata: { name: "d.example" }, spec: {} });
    const refused = await trial.refusal("PUT", `${node}/d.example`, {
      metadata: { name: "d.example", labels: { a: "b" } },
      spec: {},
    });
    expect(refused).toMatchObject({
      code: 422,
      reason: "Invalid",
      details: { kind: "CSIDriver", causes: [{ field: "metadata.resourceVersion" }] },
    });
    expect(refused.message).toContain("metadata.resourceVersion: Invalid value: 0: must be specified for an update");
  });

  it.each([
    ["nonsense as resourceVersion", { resourceVersion: "x" }, 400, "invalid resource version"],
    ["another uid", { uid: "other" }, 409, "Precondition failed: UID in precondition: other, UID in object meta: "],
    ["another name", { name: "other" }, 400, "the name of the object (other) does not match the name on the URL"],
    ["no name", { name: "" }, 400, "based on URL) was undeterminable: name must be provided"],
    [
      "another namespace",
      { namespace: "other" },
      400,
      "the namespace of the object (other) does not match the namespace on the request (default)",
    ],
  ])("with %s is refused", async (_, metadata, code, message) => {
    const made = await fresh();
    const status = await trial.refusal("PUT", urlOf(made), { ...made, metadata: { ...made.metadata, ...metadata } });
    expect(status.code).toBe(code);
    expect(status.message).toContain(message);
  });

  it("of what is not there is refused with 404", async () => {
    expect(await trial.refusal("PUT", `${configMaps}/none`, configMap("none"))).toMatchObject({
      code: 404,
      message: 'configmaps "none" not found',
    });
  });

  it("that changes nothing moves no revision, whatever the order of its members", async () => {
    const made = await fresh();
    const revision = await trial.revision();
    const { metadata, ...rest } = made;
    const turned = {
      ...Object.fromEntries(Object.entries(rest).toReversed()),
      metadata: Object.fromEntries(Object.entries(metadata ?? {}).toReversed()),
    };
    expect(await trial.ok("PUT", urlOf(made), turned)).toEqual(made);
    expect(
      await trial.ok("PUT", urlOf(made), {
        ...made,
        metadata: { ...metadata, labels: {}, managedFields: [{ manager: "x" }], selfLink: "/x" },
      }),
    ).toEqual(made);
    expect(await trial.revision()).toBe(revision);
  });

  it("keeps what only the server sets", async () => {
    const made = await fresh();
    const put = await trial.ok("PUT", urlOf(made), {
      ...made,
      metadata: {
        ...made.metadata,
        deletionTimestamp: "2030-01-01T00:00:00Z",
        deletionGracePeriodSeconds: 3,
        generation: 7,
      },
    });
    expect(put).toEqual(made);
    const changed = await trial.refusal("PUT", urlOf(made), {
      ...made,
      metadata: { ...made.metadata, creationTimestamp: "2001-01-01T00:00:00Z" },
    });
    expect(changed).toMatchObject({ code: 422, details: { causes: [{ field: "metadata.creationTimestamp" }] } });
  });

  it("of many without a resourceVersion at the same time all succeed", async () => {
    const made = await fresh();
    const name = made.metadata?.name ?? "";
    const answers = await Promise.all(
      Array.from({ length: 40 }, (_, index) =>
        trial.send("PUT", urlOf(made), { body: configMap(name, { a: String(index) }) }),
      ),
    );
    expect(answers.map(({ status }) => status)).toEqual(Array<number>(40).fill(200));
    expect(
      new Set(answers.map(({ bytes }) => (JSON.parse(bytes.toString()) as Loose).metadata?.resourceVersion)).size,
    ).toBe(40);
  });

  it("of many with the same resourceVersion succeeds once", async () => {
    const made = await fresh();
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        trial.send("PUT", urlOf(made), { body: { ...made, data: { a: `x${index}` } } }),
      ),
    );
    expect(answers.map(({ status }) => status).toSorted()).toEqual([200, ...Array<number>(19).fill(409)]);
  });
});

describe("status and the rest", () => {
  it("are written through their own endpoints only", async () => {
    const made = await trial.ok("POST", deployments, deployment("split"));
    const url = `${deployments}/split`;
    const main = await trial.ok("PUT", url, {
      ...made,
      metadata: { ...made.metadata, labels: { x: "y" } },
      status: { replicas: 5 },
    });
    expect(main).toMatchObject({ metadata: { labels: { x: "y" }, generation: 1 }, status: made["status"] });
    const status = await trial.ok("PUT", `${url}/status`, {
      ...main,
      metadata: { ...main.metadata, labels: { z: "z" } },
      spec: { ...(main["spec"] as object), replicas: 9 },
      status: { replicas: 5 },
    });
    expect(status).toMatchObject({
      spec: { replicas: 1 },
      status: { replicas: 5 },
      metadata: { generation: 1, labels: { x: "y" } },
    });
  });

  it("move the generation only with the spec", async () => {
    const made = await trial.ok("POST", deployments, deployment("generation"));
    const url = `${deployments}/generation`;
    const merge = { "content-type": "application/merge-patch+json" };
    expect((await trial.ok("PATCH", url, { spec: { replicas: 2 } }, merge)).metadata?.generation).toBe(2);
    expect((await trial.ok("PATCH", url, { spec: { replicas: 2 } }, merge)).metadata?.generation).toBe(2);
    expect((await trial.ok("PATCH", url, { metadata: { labels: { a: "b" } } }, merge)).metadata?.generation).toBe(2);
    expect((await trial.ok("PATCH", `${url}/status`, { status: { replicas: 1 } }, merge)).metadata?.generation).toBe(2);
    expect(made.metadata?.generation).toBe(1);
    expect(
      (await trial.ok("POST", pods, { metadata: { name: "p" }, spec: { containers: [{ name: "c", image: "i" }] } }))
        .metadata?.generation,
    ).toBe(1);
  });

  it("are the same object for a reader", async () => {
    await trial.ok("POST", deployments, deployment("read"));
    expect(await trial.ok("GET", `${deployments}/read/status`)).toEqual(await trial.ok("GET", `${deployments}/read`));
    for (const url of [`${deployments}/read/nothing`, `${deployments}/read/status/more`])
      expect((await trial.refusal("GET", url)).code).toBe(404);
    expect((await trial.refusal("DELETE", `${deployments}/read/status`)).code).toBe(405);
    expect((await trial.refusal("PUT", `${deployments}/none/status`, deployment("none"))).code).toBe(404);
  });
});

describe("an update of a name that is free", () => {
  it("creates where the kind allows it", async () => {
    const { status, bytes } = await trial.send("PUT", `${leases}/new`, { body: lease("new", "me") });
    expect([status, (JSON.parse(bytes.toString()) as Loose)["spec"]]).toEqual([201, { holderIdentity: "me" }]);
    expect((await trial.refusal("PUT", `${leases}/new`, lease("new", "you"))).code).toBe(422);
    expect((await trial.send("PUT", `${limits}/new`, { body: limit("new", "1") })).status).toBe(201);
    expect((await trial.send("PUT", `${limits}/new`, { body: limit("new", "2") })).status).toBe(200);
  });

  it("does not create what has a uid: it was another object", async () => {
    expect(await trial.refusal("PUT", `${leases}/gone`, lease("gone", "me", { uid: "old" }))).toMatchObject({
      code: 409,
      reason: "Conflict",
    });
    expect((await trial.refusal("GET", `${leases}/gone`)).code).toBe(404);
  });

  it("by many at the same time creates once and updates then", async () => {
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        trial.send("PUT", `${limits}/race`, { body: limit("race", String(index)) }),
      ),
    );
    expect(answers.map(({ status }) => status).toSorted()).toEqual([...Array<number>(19).fill(200), 201]);
  });

  it("never creates by a patch or through a subresource", async () => {
    expect(
      (await trial.refusal("PATCH", `${leases}/patched`, {}, { "content-type": "application/merge-patch+json" })).code,
    ).toBe(404);
    expect(
      (await trial.refusal("PUT", "/api/v1/namespaces/default/services/none/status", { metadata: { name: "none" } }))
        .code,
    ).toBe(404);
  });

  it("leaves no trace in a dry run", async () => {
    const revision = await trial.revision();
    expect((await trial.send("PUT", `${leases}/dry?dryRun=All`, { body: lease("dry", "me") })).status).toBe(201);
    expect(await trial.revision()).toBe(revision);
    expect((await trial.refusal("GET", `${leases}/dry`)).code).toBe(404);
  });
});

describe("a dry run of an update", () => {
  it("shows the result and leaves no trace", async () => {
    const made = await fresh();
    const revision = await trial.revision();
    const dry = await trial.ok("PUT", `${urlOf(made)}?dryRun=All`, { ...made, data: { dry: "1" } });
    expect(dry["data"]).toEqual({ dry: "1" });
    expect(dry.metadata?.managedFields?.[0]?.fieldsV1).toEqual({ "f:data": { ".": {}, "f:dry": {} } });
    expect(await trial.ok("GET", urlOf(made))).toEqual(made);
    expect(await trial.revision()).toBe(revision);
  });
});

describe("an object with finalizers that is being deleted", () => {
  it("goes with the last of them, and takes no new ones", async () => {
    const made = await trial.ok("POST", configMaps, {
      ...configMap("held"),
      metadata: { name: "held", finalizers: ["example.com/a", "example.com/b"] },
    });
    const url = urlOf(made);
    const marked = await trial.ok("DELETE", url);
    expect(marked.metadata).toMatchObject({
      deletionTimestamp: expect.any(String) as string,
      deletionGracePeriodSeconds: 0,
    });
    const added = {
      ...marked,
      metadata: { ...marked.metadata, finalizers: ["example.com/a", "example.com/b", "example.com/c"] },
    };
    expect(await trial.refusal("PUT", url, added)).toMatchObject({
      code: 422,
      details: { causes: [{ field: "metadata.finalizers" }] },
    });
    const dry = await trial.ok("PUT", `${url}?dryRun=All`, {
      ...marked,
      metadata: { ...marked.metadata, finalizers: [] },
    });
    expect(dry.metadata?.finalizers).toBeUndefined();
    const less = await trial.ok("PUT", url, {
      ...marked,
      metadata: { ...marked.metadata, finalizers: ["example.com/b"] },
    });
    const watch = await trial.watch(`${configMaps}?watch=1&resourceVersion=${less.metadata?.resourceVersion}`);
    const last = await trial.ok("PUT", url, { ...less, metadata: { ...less.metadata, finalizers: [] } });
    expect(last.metadata).toMatchObject({ name: "held" });
    expect((await trial.refusal("GET", url)).code).toBe(404);
    expect(await watch.next(1)).toMatchObject([
      { type: "DELETED", object: { metadata: { name: "held", resourceVersion: String(await trial.revision()) } } },
    ]);
  });
});
