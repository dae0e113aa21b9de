import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Random } from "../../base/random.ts";
import { systemRandom } from "../../base/random.ts";
import { configMap, configMaps, startTrial, type Trial } from "../trial.testing.ts";

let trial: Trial;
beforeAll(async () => {
  trial = await startTrial();
});
afterAll(async () => trial[Symbol.asyncDispose]());

const pods = "/api/v1/namespaces/default/pods";
const pod = (name: string): object => ({ metadata: { name }, spec: { containers: [{ name: "c", image: "i" }] } });

describe("a creation", () => {
  it("answers 201 with what the server has added", async () => {
    const { status, bytes } = await trial.send("POST", configMaps, { body: configMap("new", { a: "1" }) });
    expect(status).toBe(201);
    expect(JSON.parse(bytes.toString())).toEqual({
      kind: "ConfigMap",
      apiVersion: "v1",
      metadata: {
        name: "new",
        namespace: "default",
        uid: expect.stringMatching(/^[0-9a-f-]{36}$/) as string,
        resourceVersion: String(await trial.revision()),
        creationTimestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/) as string,
        managedFields: [
          {
            manager: "unknown",
            operation: "Update",
            apiVersion: "v1",
            time: expect.any(String) as string,
            fieldsType: "FieldsV1",
            fieldsV1: { "f:data": { ".": {}, "f:a": {} } },
          },
        ],
      },
      data: { a: "1" },
    });
  });

  it("may leave kind and apiVersion to the URL", async () => {
    expect(await trial.ok("POST", configMaps, { metadata: { name: "bare" } })).toMatchObject({
      kind: "ConfigMap",
      apiVersion: "v1",
    });
  });

  it("does not take what only the server sets", async () => {
    const sent = {
      metadata: {
        name: "set",
        uid: "mine",
        creationTimestamp: "2001-01-01T00:00:00Z",
        deletionTimestamp: "2001-01-01T00:00:00Z",
        deletionGracePeriodSeconds: 5,
        generation: 9,
        selfLink: "/x",
        managedFields: [{ manager: "me", operation: "Update" } as const],
      },
    };
    const { metadata } = await trial.ok("POST", configMaps, sent);
    expect(Object.keys(metadata ?? {})).toEqual(["name", "namespace", "uid", "resourceVersion", "creationTimestamp"]);
    expect(metadata?.uid).not.toBe("mine");
  });

  it("drops the status and starts the generation", async () => {
    const created = await trial.ok("POST", "/apis/apps/v1/namespaces/default/deployments", {
      metadata: { name: "d" },
      spec: {
        selector: { matchLabels: { a: "b" } },
        template: { metadata: { labels: { a: "b" } }, spec: { containers: [{ name: "c", image: "i" }] } },
      },
      status: { replicas: 3 },
    });
    expect(created).toMatchObject({ metadata: { generation: 1 }, status: {} });
  });

  it("of a name that is taken is refused with 409", async () => {
    await trial.ok("POST", configMaps, configMap("taken"));
    expect(await trial.refusal("POST", configMaps, configMap("taken"))).toEqual({
      kind: "Status",
      apiVersion: "v1",
      metadata: {},
      status: "Failure",
      message: 'configmaps "taken" already exists',
      reason: "AlreadyExists",
      details: { name: "taken", kind: "configmaps" },
      code: 409,
    });
  });

  it("succeeds for one of many at the same time", async () => {
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => trial.send("POST", configMaps, { body: configMap("race") })),
    );
    expect(answers.map(({ status }) => status).toSorted()).toEqual([201, ...Array<number>(19).fill(409)]);
  });

  it.each<[string, string, object, number, string, string]>([
    [
      "in a namespace that does not exist",
      "/api/v1/namespaces/nowhere/configmaps",
      configMap("x"),
      404,
      "NotFound",
      'namespaces "nowhere" not found',
    ],
    [
      "that is invalid too, in a namespace that does not exist",
      "/api/v1/namespaces/nowhere/pods",
      { metadata: { name: "_" } },
      404,
      "NotFound",
      'namespaces "nowhere" not found',
    ],
    [
      "for another namespace",
      configMaps,
      { metadata: { name: "x", namespace: "kube-system" } },
      400,
      "BadRequest",
      "the namespace of the provided object does not match the namespace sent on the request",
    ],
    [
      "with a resourceVersion",
      configMaps,
      { metadata: { name: "x", resourceVersion: "1" } },
      500,
      "",
      "resourceVersion should not be set on objects to be created",
    ],
    [
      "without a name",
      configMaps,
      { data: {} },
      422,
      "Invalid",
      'ConfigMap "" is invalid: metadata.name: Required value: name or generateName is required',
    ],
    [
      "of another kind",
      configMaps,
      { kind: "Secret", apiVersion: "v1", metadata: { name: "x" } },
      400,
      "BadRequest",
      'Secret in version "v1" cannot be handled as a ConfigMap',
    ],
    [
      "of another group's kind",
      configMaps,
      { kind: "Deployment", apiVersion: "apps/v1", metadata: { name: "x" } },
      400,
      "BadRequest",
      'Deployment in version "v1" cannot be handled as a ConfigMap',
    ],
    [
      "in another version",
      configMaps,
      { kind: "ConfigMap", apiVersion: "v2", metadata: { name: "x" } },
      400,
      "BadRequest",
      "the API version in the data (v2) does not match the expected API version (v1)",
    ],
    [
      "with a name that is none",
      configMaps,
      configMap("No_Name"),
      422,
      "Invalid",
      'ConfigMap "No_Name" is invalid: metadata.name: Invalid value: "No_Name"',
    ],
    [
      "of a collection that has no POST",
      "/api/v1/pods",
      pod("x"),
      405,
      "MethodNotAllowed",
      "the server does not allow this method on the requested resource",
    ],
    [
      "at a name",
      `${pods}/x`,
      pod("x"),
      405,
      "MethodNotAllowed",
      "the server does not allow this method on the requested resource",
    ],
  ])("%s is refused", async (_, url, body, code, reason, message) => {
    const status = await trial.refusal("POST", url, body);
    expect([status.code, status.reason ?? ""]).toEqual([code, reason]);
    expect(status.message).toContain(message);
  });

  it("forgets the namespace of an object that has none", async () => {
    const { metadata } = await trial.ok("POST", "/api/v1/namespaces", {
      metadata: { name: "spaceless", namespace: "default" },
    });
    expect(metadata).not.toHaveProperty("namespace");
  });

  it("is not done when its answer could not be given", async () => {
    const revision = await trial.revision();
    expect(await trial.refusal("POST", configMaps, configMap("unseen"), { accept: "image/png" })).toMatchObject({
      code: 406,
      reason: "NotAcceptable",
      message:
        "only the following media types are accepted: application/json, application/yaml, application/vnd.kubernetes.protobuf",
    });
    expect((await trial.refusal("POST", `${configMaps}?includeObject=Everything`, configMap("unseen"))).code).toBe(400);
    expect(await trial.revision()).toBe(revision);
  });
});

describe("a namespace that is being deleted", () => {
  it("takes nothing new, but what is in it can still be changed and deleted", async () => {
    await trial.ok("POST", "/api/v1/namespaces", { metadata: { name: "ending" } });
    const inside = "/api/v1/namespaces/ending/configmaps";
    await trial.ok("POST", inside, configMap("a"));
    expect(await trial.ok("DELETE", "/api/v1/namespaces/ending")).toMatchObject({ status: { phase: "Terminating" } });
    expect(await trial.refusal("POST", inside, configMap("b"))).toMatchObject({
      code: 403,
      reason: "Forbidden",
      message:
        'configmaps "b" is forbidden: unable to create new content in namespace ending because it is being terminated',
      details: {
        name: "b",
        kind: "configmaps",
        causes: [
          {
            reason: "NamespaceTerminating",
            message: "namespace ending is being terminated",
            field: "metadata.namespace",
          },
        ],
      },
    });
    await trial.ok("PATCH", `${inside}/a`, { data: { a: "1" } }, { "content-type": "application/merge-patch+json" });
    await trial.ok("DELETE", `${inside}/a`);
  });

  it.each(["default", "kube-system", "kube-public"])("is never %s", async (name) => {
    if (name !== "default") await trial.ok("POST", "/api/v1/namespaces", { metadata: { name } });
    expect(await trial.refusal("DELETE", `/api/v1/namespaces/${name}`)).toMatchObject({
      code: 403,
      message: `namespaces "${name}" is forbidden: this namespace may not be deleted`,
    });
  });
});

/** Suffixes are what the script says, again and again. */
function scripted(numbers: readonly number[]): Random {
  let at = 0;
  return { uuid: () => systemRandom.uuid(), integer: (below) => (numbers[at++ % numbers.length] ?? 0) % below };
}

describe("a generated name", () => {
  it("is tried again when it is taken", async () => {
    await using same = await startTrial({ random: scripted([0, 0, 0, 0, 0, 0, 0, 0, 0, 1]) });
    const first = await same.ok("POST", configMaps, { metadata: { generateName: "x-" } });
    const second = await same.ok("POST", configMaps, { metadata: { generateName: "x-" } });
    expect([first.metadata?.name, second.metadata?.name]).toEqual(["x-bbbbb", "x-bbbbc"]);
    expect(first.metadata?.generateName).toBe("x-");
  });

  it("is refused when all that were tried are taken", async () => {
    await using same = await startTrial({ random: scripted([0]) });
    await same.ok("POST", configMaps, { metadata: { generateName: "x-" } });
    expect(await same.refusal("POST", configMaps, { metadata: { generateName: "x-" } })).toMatchObject({
      code: 409,
      reason: "AlreadyExists",
      message: 'configmaps "x-bbbbb" already exists, the server was not able to generate a unique name for the object',
      details: { name: "x-bbbbb", kind: "configmaps", retryAfterSeconds: 1 },
    });
  });

  it("gives way to a name that was given", async () => {
    expect(
      (await trial.ok("POST", configMaps, { metadata: { name: "given", generateName: "x-" } })).metadata,
    ).toMatchObject({ name: "given", generateName: "x-" });
  });
});

describe("a dry run", () => {
  it("shows what would be, without a resourceVersion, and leaves no trace", async () => {
    const revision = await trial.revision();
    const shown = await trial.ok("POST", `${configMaps}?dryRun=All`, configMap("dry", { a: "1" }));
    expect(shown).toMatchObject({ metadata: { name: "dry", uid: expect.any(String) as string }, data: { a: "1" } });
    expect(shown.metadata).not.toHaveProperty("resourceVersion");
    expect(await trial.revision()).toBe(revision);
    expect((await trial.refusal("GET", `${configMaps}/dry`)).code).toBe(404);
    await trial.ok("POST", configMaps, configMap("dry"));
    expect((await trial.refusal("POST", `${configMaps}?dryRun=All`, configMap("dry"))).code).toBe(409);
  });
});
