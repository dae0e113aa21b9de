import { describe, expect, test } from "vitest";
import { describeFieldError, type FieldError } from "./field-error.ts";
import { type MetaRules, validateObjectMeta, validateObjectMetaUpdate } from "./meta-validation.ts";
import type { ObjectMeta } from "./object.ts";

const rules: MetaRules = { scope: "Namespaced", nameRule: "dnsSubdomain" };

function said(findings: readonly FieldError[]): string[] {
  return findings.map((error) => `${error.field}: ${describeFieldError(error)}`);
}

function problems(metadata: ObjectMeta, own: Partial<MetaRules> = {}): string[] {
  return said(validateObjectMeta({ name: "a", namespace: "b", ...metadata }, { ...rules, ...own }));
}

describe("a name", () => {
  test("is required", () => {
    expect(problems({ name: "" })).toEqual(["metadata.name: Required value: name or generateName is required"]);
  });

  test("follows the rule of its kind", () => {
    expect(problems({ name: "a.b" })).toEqual([]);
    expect(problems({ name: "a.b" }, { nameRule: "dnsLabel" })).toEqual([
      'metadata.name: Invalid value: "a.b": must not contain dots',
    ]);
    expect(problems({ name: "system:x" }, { nameRule: "pathSegment" })).toEqual([]);
    expect(problems({ name: "1a" }, { nameRule: "dns1035Label" })[0]).toContain("a DNS-1035 label must");
  });

  test("to be generated may end with a dash", () => {
    expect(problems({ generateName: "a-" })).toEqual([]);
    expect(problems({ generateName: "A" })[0]).toContain('metadata.generateName: Invalid value: "A"');
  });
});

describe("a namespace", () => {
  test("is required where there is one, and not allowed elsewhere", () => {
    expect(problems({ namespace: "" })).toEqual(["metadata.namespace: Required value"]);
    expect(problems({}, { scope: "Cluster" })).toEqual(["metadata.namespace: Forbidden: not allowed on this type"]);
    expect(problems({ namespace: "" }, { scope: "Cluster" })).toEqual([]);
  });
});

describe("labels and annotations", () => {
  test("have keys and values of the right form", () => {
    expect(problems({ labels: { "a/b": "c", "": "x" } })[0]).toContain(
      'metadata.labels: Invalid value: "": name part must be non-empty',
    );
    expect(problems({ labels: { a: "-" } })[0]).toContain('metadata.labels: Invalid value: "-": a valid label must be');
    expect(problems({ annotations: { "Example.com/A": "any text" } })).toEqual([]);
  });

  test("annotations fit into 256 KiB", () => {
    const annotations = (bytes: number): Record<string, string> => ({ a: "x".repeat(bytes - 1) });
    expect(problems({ annotations: annotations(262_144) })).toEqual([]);
    expect(problems({ annotations: annotations(262_145) })).toEqual([
      "metadata.annotations: Too long: may not be more than 262144 bytes",
    ]);
    expect(problems({ annotations: { a: "ü".repeat(131_072) } })).toHaveLength(1);
  });
});

describe("owners", () => {
  const owner = { apiVersion: "apps/v1", kind: "ReplicaSet", name: "r", uid: "u" };

  test("are named in full", () => {
    expect(problems({ ownerReferences: [owner] })).toEqual([]);
    expect(problems({ ownerReferences: [{ apiVersion: "apps/", kind: "", name: "", uid: "" }] })).toEqual([
      'metadata.ownerReferences.apiVersion: Invalid value: "apps/": version must not be empty',
      'metadata.ownerReferences.kind: Invalid value: "": must not be empty',
      'metadata.ownerReferences.name: Invalid value: "": must not be empty',
      'metadata.ownerReferences.uid: Invalid value: "": must not be empty',
    ]);
  });

  test("only one of them controls, and no event does", () => {
    const two = [
      { ...owner, controller: true },
      { ...owner, name: "s", controller: true },
    ];
    expect(problems({ ownerReferences: two })[0]).toContain(
      'Only one reference can have Controller set to true. Found "true" in references for ReplicaSet/r and ReplicaSet/s',
    );
    expect(problems({ ownerReferences: [{ ...owner, apiVersion: "v1", kind: "Event" }] })[0]).toContain(
      "is disallowed from being an owner",
    );
  });
});

describe("finalizers", () => {
  test("of built-in kinds have a domain, or are one of the old three", () => {
    expect(problems({ finalizers: ["example.com/x", "kubernetes", "orphan"] })).toEqual([]);
    expect(problems({ finalizers: ["x"] })).toEqual([
      'metadata.finalizers[0]: Invalid value: "x": name is neither a standard finalizer name nor is it fully qualified',
    ]);
    expect(problems({ finalizers: ["x"] }, { isCustom: true })).toEqual([]);
  });

  test("do not contradict each other", () => {
    expect(problems({ finalizers: ["orphan", "foregroundDeletion"] })[0]).toContain(
      "finalizer orphan and foregroundDeletion cannot be both set",
    );
  });

  test("are not added to an object that is being deleted", () => {
    const old = { name: "a", deletionTimestamp: "2026-01-01T00:00:00Z", finalizers: ["a/b"] };
    expect(said(validateObjectMetaUpdate({ ...old, finalizers: [] }, old))).toEqual([]);
    expect(said(validateObjectMetaUpdate({ ...old, finalizers: ["a/b", "c/d"] }, old))).toEqual([
      'metadata.finalizers: Forbidden: no new finalizers can be added if the object is being deleted, found new finalizers []string{"c/d"}',
    ]);
  });
});

describe("an update", () => {
  const old: ObjectMeta = {
    name: "a",
    namespace: "b",
    uid: "u",
    creationTimestamp: "2026-01-01T00:00:00Z",
    generation: 3,
  };

  test("keeps what the server set", () => {
    expect(validateObjectMetaUpdate({ ...old, labels: { a: "b" }, generation: 4 }, old)).toEqual([]);
    const changed = { name: "c", namespace: "d", uid: "v", deletionTimestamp: "2026-01-01T00:00:01Z", generation: 2 };
    expect(said(validateObjectMetaUpdate(changed, old))).toEqual([
      "metadata.generation: Invalid value: 2: must not be decremented",
      'metadata.name: Invalid value: "c": field is immutable',
      'metadata.namespace: Invalid value: "d": field is immutable',
      'metadata.uid: Invalid value: "v": field is immutable',
      "metadata.creationTimestamp: Invalid value: null: field is immutable",
      'metadata.deletionTimestamp: Invalid value: "2026-01-01T00:00:01Z": field is immutable',
    ]);
  });
});
