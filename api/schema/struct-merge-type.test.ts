import { describe, expect, it } from "vitest";
import type { MergeType } from "./merge-type.ts";
import { createMergeTypes } from "./struct-merge-type.ts";
import { builtinSchemas } from "./tables.ts";

const schemas = builtinSchemas();
const types = createMergeTypes();

/** `*` is an item of a list or a value of a map. */
function at(definition: string, path: string): MergeType | undefined {
  let type: MergeType | undefined = types(schemas.get(definition));
  for (const name of path.split(".")) {
    if (type?.type === "keyedList") type = type.item;
    else type = type?.type === "map" ? type.member(name) : undefined;
  }
  return type;
}

const pod = "io.k8s.api.core.v1.Pod";

describe("the merge type of a struct", () => {
  it.each<[definition: string, path: string, expected: object | undefined]>([
    [pod, "spec.containers.*.image", { type: "atomic", shape: { scalar: "string" } }],
    [pod, "spec.priority", { type: "atomic", shape: { scalar: "numeric" } }],
    [pod, "metadata.creationTimestamp", { type: "atomic", shape: { scalar: "any" } }],
    [
      pod,
      "spec.containers.*.command",
      { type: "atomic", shape: { items: { type: "atomic", shape: { scalar: "string" } } } },
    ],
    [pod, "metadata.finalizers", { type: "set", item: { type: "atomic", shape: { scalar: "string" } } }],
    [pod, "spec.containers", { type: "keyedList", keys: ["name"], keyDefaults: { name: "" } }],
    [pod, "spec.imagePullSecrets", { type: "keyedList", keys: ["name"], keyDefaults: { name: "" } }],
    [
      "io.k8s.api.core.v1.Service",
      "spec.ports",
      { type: "keyedList", keys: ["port", "protocol"], keyDefaults: { port: 0, protocol: "TCP" } },
    ],
    ["io.k8s.api.apps.v1.Deployment", "spec.selector", { type: "atomic", shape: { members: { type: "map" } } }],
    ["io.k8s.api.apps.v1.ControllerRevision", "data", { type: "atomic" }],
    ["io.k8s.api.core.v1.Service", "spec.selector", { type: "atomic", shape: { members: { type: "map" } } }],
    [pod, "spec.bogus", undefined],
  ])("%s %s", (definition, path, expected) => {
    const type = at(definition, path);
    if (expected === undefined) expect(type).toBeUndefined();
    else expect(type).toMatchObject(expected);
  });

  it("knows the fields of a struct from the keys of a map", () => {
    const labels = at(pod, "metadata.labels");
    const spec = at(pod, "spec");
    expect(labels?.type === "map" && labels.declares?.("app")).toBe(false);
    expect(spec?.type === "map" && spec.declares?.("containers")).toBe(true);
  });

  it("is made once, also where a type holds itself", () => {
    const schema = "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSONSchemaProps";
    expect(at(schema, "not")).toBe(types(schemas.get(schema)));
    expect(at(pod, "spec")).toBe(at(pod, "spec"));
  });
});
