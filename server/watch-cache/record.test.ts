import { describe, expect, it } from "vitest";
import type { KubeObject, ObjectMeta } from "../../api/machinery/object.ts";
import { encodeStored } from "../encoding/stored.ts";
import { Record, withRevision } from "./record.ts";

const stored = (metadata: ObjectMeta, more: object = {}): Buffer =>
  encodeStored({ ...more, metadata, apiVersion: "v1", kind: "ConfigMap" } satisfies KubeObject);
const parsed = (bytes: Uint8Array): unknown => JSON.parse(Buffer.from(bytes).toString());
const record = (bytes: Buffer, revision: number): Record =>
  new Record("/k", revision, { namespace: "", name: "", labels: undefined, fields: undefined }, bytes);

describe("a stored object at a revision", () => {
  it.each<[string, ObjectMeta]>([
    ["full", { name: "a", generateName: "a-", namespace: "b", uid: "u", generation: 1, labels: { uid: "x" } }],
    ["a name only", { name: "a" }],
    ["a name that looks like JSON", { name: '","uid":"x\\', uid: "u" }],
    ["a name that ends with a backslash", { name: "a\\", namespace: "b" }],
    [
      "no uid, but an annotation and an owner that have one",
      {
        name: "a",
        annotations: { uid: "1" },
        ownerReferences: [{ apiVersion: "v1", kind: "Pod", name: "o", uid: "2" }],
      },
    ],
    ["labels only", { labels: { resourceVersion: "1" } }],
    ["nothing", {}],
  ])("shows its resourceVersion whatever its metadata holds: %s", (_, metadata) => {
    const bytes = stored(metadata, { data: { resourceVersion: "no" } });
    expect(parsed(withRevision(bytes, 7).bytes)).toEqual({
      kind: "ConfigMap",
      apiVersion: "v1",
      metadata: { ...metadata, resourceVersion: "7" },
      data: { resourceVersion: "no" },
    });
    expect(parsed(record(bytes, 7).at(123).bytes)).toMatchObject({ metadata: { ...metadata, resourceVersion: "123" } });
  });

  it("prints it behind the uid, as Go does", () => {
    const { bytes } = withRevision(stored({ labels: { a: "b" }, uid: "u", namespace: "n", name: "x" }), 5);
    expect(bytes.toString()).toBe(
      '{"kind":"ConfigMap","apiVersion":"v1","metadata":{"name":"x","namespace":"n","uid":"u","resourceVersion":"5","labels":{"a":"b"}}}',
    );
  });

  it("that was never written shows none", () => {
    expect(withRevision(stored({ name: "x", uid: "u" }), 0).bytes.toString()).not.toContain("resourceVersion");
  });

  it("forgets a resourceVersion that was stored with it", () => {
    expect(stored({ name: "x", resourceVersion: "3" }).toString()).not.toContain("resourceVersion");
  });

  it("knows where the item of a typed list starts", () => {
    const { bytes, bodyStart } = record(stored({ name: "x" }, { spec: { metadata: {} } }), 1);
    expect(bytes.subarray(bodyStart).toString()).toBe(
      '"metadata":{"name":"x","resourceVersion":"1"},"spec":{"metadata":{}}}',
    );
  });

  it("says what was stored, before and after its bytes were asked for", () => {
    const bytes = stored({ name: "x", uid: "u" });
    const one = record(bytes, 7);
    const isTold = (): boolean[] =>
      [bytes, stored({ name: "x" }), stored({ name: "y", uid: "u" })].map((other) => one.says(other));
    expect(isTold()).toEqual([true, false, false]);
    expect(one.bytes.length).toBeGreaterThan(bytes.length);
    expect(isTold()).toEqual([true, false, false]);
    expect(one.size).toBe(bytes.length);
  });

  it("is told under another revision, before and after its bytes were asked for", () => {
    const one = record(stored({ name: "x", uid: "u" }), 7);
    const early = one.at(8).bytes.toString();
    expect(one.bytes.toString()).toContain('"resourceVersion":"7"');
    expect(one.at(8).bytes.toString()).toBe(early);
    expect(early).toContain('"uid":"u","resourceVersion":"8"');
  });

  it("is parsed once for all its readers", () => {
    const one = record(stored({ name: "x" }), 1);
    expect(one.object()).toBe(one.object());
  });
});
