import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { ManagedFieldsEntry } from "../../api/machinery/object.ts";
import { configMaps, startTrial, type Loose, type Trial } from "../trial.testing.ts";

let trial: Trial;
beforeAll(async () => {
  trial = await startTrial();
});
afterAll(async () => trial[Symbol.asyncDispose]());

const headers = { "content-type": "application/apply-patch+yaml" };
let count = 0;

function fresh(collection = configMaps): { readonly name: string; readonly url: string } {
  count += 1;
  return { name: `a${count}`, url: `${collection}/a${count}` };
}

const apply = (url: string, manager: string, body: object | string, more = ""): Promise<Loose> =>
  trial.ok("PATCH", `${url}?fieldManager=${manager}${more}`, body, headers);

function configMap(name: string, data?: Record<string, string>): object {
  return { apiVersion: "v1", kind: "ConfigMap", metadata: { name }, ...(data === undefined ? {} : { data }) };
}

function owners(object: Loose): readonly [string | undefined, string | undefined, string][] {
  return (object.metadata?.managedFields ?? []).map(({ manager, operation, fieldsV1 }: ManagedFieldsEntry) => [
    manager,
    operation,
    JSON.stringify(fieldsV1),
  ]);
}

describe("an apply", () => {
  it("creates what is not there, answering 201, and then 200", async () => {
    const { name, url } = fresh();
    const sent = { body: configMap(name, { a: "1" }), headers };
    expect((await trial.send("PATCH", `${url}?fieldManager=me`, sent)).status).toBe(201);
    expect((await trial.send("PATCH", `${url}?fieldManager=me`, sent)).status).toBe(200);
  });

  it("comes as YAML or as JSON", async () => {
    const { name, url } = fresh();
    const yaml = `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ${name}\ndata:\n  a: "1"\n`;
    const made = await apply(url, "me", yaml);
    expect(made).toMatchObject({ data: { a: "1" } });
    expect(owners(made)).toEqual([["me", "Apply", '{"f:data":{"f:a":{}}}']]);
  });

  it("may be a flow mapping, which only looks like JSON", async () => {
    const { name, url } = fresh();
    const flow = `{apiVersion: v1, kind: ConfigMap, metadata: {name: ${name}}, data: {a: "1"}}`;
    expect(await apply(url, "me", flow)).toMatchObject({ data: { a: "1" } });
  });

  it("that changes nothing moves no revision", async () => {
    const { name, url } = fresh();
    const made = await apply(url, "me", configMap(name, { a: "1" }));
    expect(await apply(url, "me", configMap(name, { a: "1" }))).toEqual(made);
  });

  it("writes nothing on a dry run", async () => {
    const { name, url } = fresh();
    await apply(url, "me", configMap(name), "&dryRun=All");
    expect((await trial.refusal("GET", url)).code).toBe(404);
  });

  it("takes away what its manager no longer names and nobody else owns", async () => {
    const { name, url } = fresh();
    await apply(url, "one", configMap(name, { mine: "1", ours: "2" }));
    await apply(url, "two", configMap(name, { ours: "2", theirs: "3" }));
    expect(await apply(url, "one", configMap(name))).toMatchObject({ data: { ours: "2", theirs: "3" } });
  });

  it("is refused where others own a field with another value, unless it is forced", async () => {
    const { name, url } = fresh();
    await apply(url, "one", configMap(name, { a: "1", b: "1" }));
    const body = configMap(name, { a: "2", b: "2" });
    expect(await trial.refusal("PATCH", `${url}?fieldManager=two`, body, headers)).toMatchObject({
      code: 409,
      reason: "Conflict",
      message: 'Apply failed with 2 conflicts: conflicts with "one":\n- .data.a\n- .data.b',
      details: {
        causes: [
          { reason: "FieldManagerConflict", message: 'conflict with "one"', field: ".data.a" },
          { reason: "FieldManagerConflict", message: 'conflict with "one"', field: ".data.b" },
        ],
      },
    });
    const forced = await apply(url, "two", body, "&force=true");
    expect(forced).toMatchObject({ data: { a: "2", b: "2" } });
    expect(owners(forced).map(([manager]) => manager)).toEqual(["two"]);
  });

  it("meets what was written by an update, which the client's name stands for", async () => {
    const { name, url } = fresh();
    const agent = { "user-agent": "kubectl/v1.36.0 (linux/amd64)" };
    await trial.ok("POST", configMaps, configMap(name, { a: "1" }), agent);
    const { message } = await trial.refusal("PATCH", `${url}?fieldManager=me`, configMap(name, { a: "2" }), headers);
    expect(message).toBe('Apply failed with 1 conflict: conflict with "kubectl" using v1: .data.a');
  });

  it("of a status touches nothing else, and owns nothing else", async () => {
    const collection = "/apis/apps/v1/namespaces/default/deployments";
    const { name, url } = fresh(collection);
    const container = { name: "c", image: "i", ports: [{ containerPort: 80 }] };
    const selector = { matchLabels: { a: "b" } };
    const template = { metadata: { labels: { a: "b" } }, spec: { containers: [container] } };
    const deployment = { apiVersion: "apps/v1", kind: "Deployment", metadata: { name } };
    const made = await apply(url, "me", { ...deployment, spec: { selector, template } });
    expect(owners(made)[0]?.[2]).toContain(
      '"f:ports":{"k:{\\"containerPort\\":80,\\"protocol\\":\\"TCP\\"}":{".":{},"f:containerPort":{}}}',
    );
    const told = await apply(`${url}/status`, "controller", {
      ...deployment,
      spec: { replicas: 9 },
      status: { replicas: 3 },
    });
    expect(told).toMatchObject({ spec: { replicas: 1 }, status: { replicas: 3 } });
    expect(owners(told)).toContainEqual(["controller", "Apply", '{"f:status":{"f:replicas":{}}}']);
  });

  it("speaks of the version that it came in", async () => {
    const collection = "/apis/autoscaling/v1/namespaces/default/horizontalpodautoscalers";
    const { name, url } = fresh(collection);
    const scaleTargetRef = { kind: "Deployment", name: "d", apiVersion: "apps/v1" };
    const autoscaler = {
      apiVersion: "autoscaling/v1",
      kind: "HorizontalPodAutoscaler",
      metadata: { name },
      spec: { maxReplicas: 5, scaleTargetRef, targetCPUUtilizationPercentage: 60 },
    };
    const made = await apply(url, "me", autoscaler);
    expect(made.metadata?.managedFields?.[0]).toMatchObject({ apiVersion: "autoscaling/v1" });
    const v2 = url.replace("/v1/", "/v2/");
    const headersOfMerge = { "content-type": "application/merge-patch+json" };
    await trial.ok("PATCH", `${v2}?fieldManager=other`, { spec: { maxReplicas: 7 } }, headersOfMerge);
    const { message } = await trial.refusal("PATCH", `${url}?fieldManager=me`, autoscaler, headers);
    expect(message).toBe('Apply failed with 1 conflict: conflict with "other" using autoscaling/v2: .spec.maxReplicas');
  });

  it("may demand the object that it has seen", async () => {
    const { name, url } = fresh();
    const made = await apply(url, "me", configMap(name, { a: "1" }));
    const seen = {
      ...configMap(name, { a: "2" }),
      metadata: { name, resourceVersion: made.metadata?.resourceVersion },
    };
    await apply(url, "me", seen);
    expect(
      await trial.refusal("PATCH", `${url}?fieldManager=me`, { ...seen, data: { a: "3" } }, headers),
    ).toMatchObject({
      reason: "Conflict",
      message: expect.stringContaining("the object has been modified") as string,
    });
    const gone = { ...configMap("never"), metadata: { name: "never", uid: "00000000-0000-4000-8000-000000000000" } };
    expect((await trial.refusal("PATCH", `${configMaps}/never?fieldManager=me`, gone, headers)).reason).toBe(
      "Conflict",
    );
  });

  it.each<[string, string, object | string, number, string]>([
    [
      "no manager",
      "",
      configMap("x"),
      422,
      'PatchOptions.meta.k8s.io "" is invalid: fieldManager: Required value: is required for apply patch',
    ],
    [
      "managedFields",
      "me",
      { ...configMap("x"), metadata: { name: "x", managedFields: [] } },
      400,
      "metadata.managedFields must be nil",
    ],
    [
      "another kind",
      "me",
      { apiVersion: "v1", kind: "Secret", metadata: { name: "x" } },
      400,
      "invalid object type: /v1, Kind=Secret",
    ],
    [
      "a field that is not there",
      "me",
      { ...configMap("x"), datum: 1 },
      500,
      "failed to create typed patch object (/x; /v1, Kind=ConfigMap): .datum: field not declared in schema",
    ],
    ["no YAML", "me", "a: [", 400, "yaml: line 1"],
  ])("with %s is refused", async (_what, manager, body, code, message) => {
    const status = await trial.refusal("PATCH", `${configMaps}/x?fieldManager=${manager}`, body, headers);
    expect(status.code).toBe(code);
    expect(status.message).toContain(message);
  });

  it("is the only patch that may be forced", async () => {
    const { name, url } = fresh();
    await apply(url, "me", configMap(name));
    const merge = { "content-type": "application/merge-patch+json" };
    const { message } = await trial.refusal("PATCH", `${url}?force=true`, {}, merge);
    expect(message).toContain("force: Forbidden: may not be specified for non-apply patch");
  });
});

describe("managed fields", () => {
  it("are kept by every write", async () => {
    const { name, url } = fresh();
    await trial.ok("POST", `${configMaps}?fieldManager=maker`, configMap(name, { a: "1" }));
    await trial.ok("PUT", `${url}?fieldManager=putter`, configMap(name, { a: "1", b: "2" }));
    const merge = { "content-type": "application/merge-patch+json" };
    const json = { "content-type": "application/json-patch+json" };
    await trial.ok("PATCH", `${url}?fieldManager=merger`, { data: { c: "3" } }, merge);
    const last = await trial.ok(
      "PATCH",
      `${url}?fieldManager=patcher`,
      [{ op: "add", path: "/data/d", value: "4" }],
      json,
    );
    expect(owners(last)).toEqual([
      ["maker", "Update", '{"f:data":{".":{},"f:a":{}}}'],
      ["merger", "Update", '{"f:data":{"f:c":{}}}'],
      ["patcher", "Update", '{"f:data":{"f:d":{}}}'],
      ["putter", "Update", '{"f:data":{"f:b":{}}}'],
    ]);
  });

  it("are told of the scale, too", async () => {
    const collection = "/apis/apps/v1/namespaces/default/deployments";
    const { name, url } = fresh(collection);
    const selector = { matchLabels: { a: "b" } };
    const template = { metadata: { labels: { a: "b" } }, spec: { containers: [{ name: "c", image: "i" }] } };
    await trial.ok("POST", collection, { metadata: { name }, spec: { selector, template } });
    const merge = { "content-type": "application/merge-patch+json" };
    await trial.ok("PATCH", `${url}/scale?fieldManager=scaler`, { spec: { replicas: 4 } }, merge);
    const { metadata } = await trial.ok("GET", url);
    expect(metadata?.managedFields).toContainEqual(
      expect.objectContaining({
        manager: "scaler",
        subresource: "scale",
        fieldsV1: { "f:spec": { "f:replicas": {} } },
      }),
    );
  });

  it("of a scale are those of its parent's replicas", async () => {
    const collection = "/apis/apps/v1/namespaces/default/deployments";
    const { name, url } = fresh(collection);
    const selector = { matchLabels: { a: "b" } };
    const template = { metadata: { labels: { a: "b" } }, spec: { containers: [{ name: "c", image: "i" }] } };
    const deployment = {
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata: { name },
      spec: { replicas: 2, selector, template },
    };
    await apply(url, "one", deployment);
    const scale = { apiVersion: "autoscaling/v1", kind: "Scale", metadata: { name }, spec: { replicas: 5 } };
    const { message } = await trial.refusal("PATCH", `${url}/scale?fieldManager=two`, scale, headers);
    expect(message).toBe('Apply failed with 1 conflict: conflict with "one": .spec.replicas');
    expect(await apply(`${url}/scale`, "two", scale, "&force=true")).toMatchObject({
      kind: "Scale",
      spec: { replicas: 5 },
    });
    const seen = await trial.ok("GET", url);
    expect(owners(seen)).toContainEqual(["two", "Apply", '{"f:spec":{"f:replicas":{}}}']);
    expect(owners(seen).find(([manager]) => manager === "one")?.[2]).not.toContain("f:replicas");
    expect((await trial.refusal("PATCH", `${url}?fieldManager=one`, deployment, headers)).message).toBe(
      'Apply failed with 1 conflict: conflict with "two" with subresource "scale": .spec.replicas',
    );
  });

  it.each([[[{}]], [[]]])("can be started anew by %j", async (value) => {
    const { name, url } = fresh();
    await apply(url, "me", configMap(name, { a: "1" }));
    const json = { "content-type": "application/json-patch+json" };
    const reset = [{ op: "replace", path: "/metadata/managedFields", value }];
    expect((await trial.ok("PATCH", url, reset, json)).metadata?.managedFields).toBeUndefined();
  });
});
