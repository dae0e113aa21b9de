import { describe, expect, it } from "vitest";
import { exceptFields, onlyFields } from "./field-filter.ts";
import { decodeFieldsV1 } from "./fields-v1.ts";
import type { MergeType } from "../../schema/merge-type.ts";
import { Story } from "./managed-fields.testing.ts";

const configMap = "{apiVersion: v1, kind: ConfigMap, metadata: {}}";
const withData = (data: string, metadata = "{name: a}"): string =>
  `{apiVersion: v1, kind: ConfigMap, metadata: ${metadata}, data: ${data}}`;
const deployment =
  "{apiVersion: apps/v1, kind: Deployment, metadata: {}, spec: {selector: null, template: {metadata: {}, spec: {containers: null}}, strategy: {}}, status: {}}";

describe("an update", () => {
  it("gives what it creates to its manager, but not what says which object it is", async () => {
    const story = new Story(deployment);
    await story.update(
      "kubectl-create",
      `{apiVersion: apps/v1, kind: Deployment, metadata: {name: web, namespace: x, labels: {app: web}},
        spec: {replicas: 1, selector: {matchLabels: {app: web}}, strategy: {type: Recreate}, template: {metadata: {labels: {app: web}},
        spec: {containers: [{name: web, image: nginx, resources: {}}]}}}, status: {}}`,
      { filter: exceptFields(["status"]) },
    );
    expect(story.owners).toEqual({
      "kubectl-create Update": {
        "f:metadata": { "f:labels": { ".": {}, "f:app": {} } },
        "f:spec": {
          "f:replicas": {},
          "f:selector": {},
          "f:strategy": { "f:type": {} },
          "f:template": {
            "f:metadata": { "f:labels": { ".": {}, "f:app": {} } },
            "f:spec": {
              "f:containers": { 'k:{"name":"web"}': { ".": {}, "f:image": {}, "f:name": {}, "f:resources": {} } },
            },
          },
        },
      },
    });
  });

  it("moves what changes, drops what goes, and leaves the rest", async () => {
    const story = new Story(configMap);
    await story.update("one", withData("{a: x, b: x, c: x}"));
    await story.update("two", withData("{a: x, b: z}"));
    expect(story.owners).toEqual({
      "one Update": { "f:data": { ".": {}, "f:a": {} } },
      "two Update": { "f:data": { "f:b": {} } },
    });
  });

  it("joins what a manager has already, and moves its time only when it takes something", async () => {
    const story = new Story(configMap);
    await story.update("one", withData("{a: x, b: x}"));
    const [before] = await story.update("two", withData("{a: x}"));
    expect(before?.time).toBe("2026-01-01T00:00:01Z");
    const [after] = await story.update("one", withData("{a: x, c: x}"));
    expect(after).toMatchObject({ time: "2026-01-01T00:00:03Z", fieldsV1: { "f:data": { "f:a": {}, "f:c": {} } } });
  });

  it("that changes nothing answers the very same entries", async () => {
    const story = new Story(configMap);
    const before = await story.update("one", withData("{a: x}"));
    expect(await story.update("two", withData("{a: x}", "{name: a, resourceVersion: '7'}"))).toBe(before);
    const sent = JSON.stringify({ ...story.live, metadata: { ...story.live.metadata, managedFields: before } });
    expect(await story.update("two", sent)).toBe(before);
  });

  it("tells operations, subresources and versions apart, and sorts by operation, time and name", async () => {
    const story = new Story(configMap);
    await story.update("b", withData("{a: x}"), { time: "2026-01-01T00:00:09Z" });
    await story.update("a", withData("{a: x, b: x}"), { time: "2026-01-01T00:00:09Z" });
    await story.update("b", withData("{a: x, b: x, c: x}"), { subresource: "status", time: "2026-01-01T00:00:01Z" });
    await story.apply("z", withData("{d: x}"));
    expect(
      story.live.metadata?.managedFields?.map((one) => `${one.operation} ${one.manager} ${one.subresource}`),
    ).toEqual(["Apply z undefined", "Update b status", "Update a undefined", "Update b undefined"]);
  });

  it("owns nothing that its endpoint cannot write", async () => {
    const pod = (status: string): string =>
      `{apiVersion: v1, kind: Pod, metadata: {name: a}, spec: {containers: [{name: a}]}, status: ${status}}`;
    const story = new Story("{apiVersion: v1, kind: Pod, metadata: {}, spec: {containers: null}, status: {}}");
    await story.update("user", pod("{phase: Pending}"), { filter: exceptFields(["status"]) });
    await story.update("kubelet", pod("{phase: Running}"), { filter: onlyFields(["status"]), subresource: "status" });
    expect(story.owners).toEqual({
      "user Update": {
        "f:spec": { "f:containers": { 'k:{"name":"a"}': { ".": {}, "f:name": {} } } },
      },
      "kubelet Update status": { "f:status": { "f:phase": {} } },
    });
  });

  it("keeps ten updaters and joins older ones of one version", async () => {
    const story = new Story(configMap);
    const data: string[] = [];
    for (let index = 0; index < 13; index++) {
      data.push(`k${index}: x`);
      await story.update(`m${index}`, withData(`{${data.join(", ")}}`));
    }
    const owners = story.owners;
    expect(Object.keys(owners)).toEqual([
      "ancient-changes Update",
      ...[4, 5, 6, 7, 8, 9, 10, 11, 12].map((n) => `m${n} Update`),
    ]);
    expect(owners["ancient-changes Update"]).toEqual({
      "f:data": { ".": {}, "f:k0": {}, "f:k1": {}, "f:k2": {}, "f:k3": {} },
    });
    expect(story.live.metadata?.managedFields?.[0]?.time).toBe("2026-01-01T00:00:04Z");
  });
});

describe("managedFields that a client sends", () => {
  const entry = `{manager: me, operation: Update, apiVersion: v1, fieldsType: FieldsV1, fieldsV1: {'f:data': {'f:a': {}}}}`;
  const sent = (managedFields: string): string =>
    withData("{a: x, b: z}", `{name: a, managedFields: ${managedFields}}`);

  it.each<[what: string, managedFields: string, owners: string[]]>([
    ["count when they make sense", `[${entry}]`, ["me Update", "two Update"]],
    ["start anew when they are empty", "[]", []],
    ["start anew when they are one empty entry", "[{}]", []],
    ["are as good as absent when they are null", "null", ["one Update", "two Update"]],
    ["are as good as absent without an operation", "[{manager: me}]", ["one Update", "two Update"]],
    ["are as good as absent with broken fields", `[${entry.replace("f:data", "data")}]`, ["one Update", "two Update"]],
    [
      "are as good as absent in an unknown form",
      `[${entry.replace("FieldsV1", "FieldsV2")}]`,
      ["one Update", "two Update"],
    ],
  ])("%s", async (_what, managedFields, owners) => {
    const story = new Story(configMap);
    await story.update("one", withData("{a: x}"));
    await story.update("two", sent(managedFields));
    expect(Object.keys(story.owners)).toEqual(owners);
  });

  it("count as they came, where decoding has dropped an empty list", async () => {
    const story = new Story(configMap);
    await story.update("one", withData("{a: x}"));
    expect(await story.update("two", withData("{a: x, b: z}"), { sent: [] })).toEqual([]);
  });

  it("through a subresource are not looked at", async () => {
    const story = new Story(configMap);
    await story.update("one", withData("{a: x}"));
    await story.update("two", sent("[]"), { subresource: "status" });
    expect(Object.keys(story.owners)).toEqual(["one Update", "two Update status"]);
  });

  it("come in upstream's order, whatever order they were sent in", async () => {
    const story = new Story(configMap);
    await story.update("one", withData("{a: x}"));
    await story.update("one", sent(`[${entry.replace("{'f:a': {}}", "{'f:b': {}, 'f:a': {}}")}]`));
    const mine = story.live.metadata?.managedFields?.find(({ manager }) => manager === "me");
    expect(JSON.stringify(mine?.fieldsV1)).toBe('{"f:data":{"f:a":{}}}');
  });
});

describe("a schema that changes", () => {
  const text: MergeType = { type: "atomic", shape: { scalar: "string" } };
  const granular: Extract<MergeType, { type: "map" }> = { type: "map", member: () => text, declares: () => false };
  const typeWith = (data: MergeType): MergeType => ({
    type: "map",
    member: (name) => (name === "data" ? data : name === "metadata" ? granular : text),
  });

  it("makes one field of what was granular and is atomic now", async () => {
    let data: MergeType = granular;
    const story = new Story("{apiVersion: x/v1, kind: Thing, metadata: {}}", { typeOf: () => typeWith(data) });
    const thing = (source: string): string => `{apiVersion: x/v1, kind: Thing, metadata: {name: a}, data: ${source}}`;
    await story.update("one", thing("{a: x}"));
    data = { type: "atomic" };
    await story.update("two", thing("{a: x}").replace("name: a", "name: a, note: b"));
    expect(story.owners["one Update"]).toEqual({ "f:data": {} });
  });

  it("takes the entries of a version with it, and compares others in their own", async () => {
    const versions = new Map([
      ["x/v1", typeWith(granular)],
      ["x/v2", typeWith({ type: "atomic" })],
    ]);
    const asked: string[] = [];
    const story = new Story("{apiVersion: x/v1, kind: Thing, metadata: {}}", {
      typeOf: (version) => versions.get(version),
      convert: (object, apiVersion) => {
        asked.push(apiVersion);
        return Promise.resolve(Object.assign({}, object, { apiVersion }));
      },
    });
    const thing = (version: string, source: string): string =>
      `{apiVersion: ${version}, kind: Thing, metadata: {name: a}, data: ${source}}`;
    await story.update("one", thing("x/v1", "{a: x, b: x}"));
    expect(asked).toEqual([]);
    await story.update("two", thing("x/v2", "{a: x, b: z}"));
    expect(asked).toEqual(["x/v1", "x/v1"]);
    expect(story.owners).toEqual({
      "one Update": { "f:data": { ".": {}, "f:a": {} } },
      "two Update": { "f:data": {} },
    });
    versions.delete("x/v1");
    await story.update("two", thing("x/v2", "{a: y2, b: z}"));
    expect(Object.keys(story.owners)).toEqual(["two Update"]);
    expect(decodeFieldsV1(story.live.metadata?.managedFields?.[0]?.fieldsV1).size).toBe(1);
  });
});
