import { describe, expect, it } from "vitest";
import { schemaTable } from "../generated/schemas.ts";
import type { Deployment } from "../generated/types/apps-v1.ts";
import type { KubeObject } from "../machinery/object.ts";
import type { Field, StructType } from "./schema.ts";
import { builtinSchemas } from "./tables.ts";

const schemas = builtinSchemas();

function field(struct: string, name: string): Field {
  const found = schemas.get(struct).fields.get(name);
  if (found === undefined) throw new Error(`${struct} has no ${name}`);
  return found;
}

describe("the built-in schemas", () => {
  it("know fields in the order of the Go struct, type meta first", () => {
    expect([...schemas.get("io.k8s.api.core.v1.Pod").fields.keys()]).toEqual([
      "kind",
      "apiVersion",
      "metadata",
      "spec",
      "status",
    ]);
    expect([...schemas.get("io.k8s.api.core.v1.Container").fields.keys()].slice(0, 4)).toEqual([
      "name",
      "image",
      "command",
      "args",
    ]);
  });

  it("flatten what Go inlines", () => {
    const probe = [...schemas.get("io.k8s.api.core.v1.Probe").fields.keys()];
    expect(probe.slice(0, 5)).toEqual(["exec", "httpGet", "tcpSocket", "grpc", "initialDelaySeconds"]);
    expect(schemas.get("io.k8s.api.core.v1.Volume").fields.has("configMap")).toBe(true);
  });

  it("carry merge facts, enums, defaults of list keys and pointers", () => {
    expect(field("io.k8s.api.core.v1.Container", "ports")).toMatchObject({
      patchStrategy: { merge: true, retainKeys: false },
      patchMergeKey: "containerPort",
      listType: "map",
      listMapKeys: ["containerPort", "protocol"],
      listKeyDefaults: { protocol: "TCP" },
    });
    expect(field("io.k8s.api.core.v1.PodSpec", "volumes").patchStrategy).toEqual({ merge: true, retainKeys: true });
    expect(field("io.k8s.api.core.v1.PodSpec", "restartPolicy").enum).toEqual(["Always", "Never", "OnFailure"]);
    expect(field("io.k8s.api.apps.v1.DeploymentSpec", "replicas")).toMatchObject({
      value: { type: "integer", bits: 32 },
      pointer: true,
      omitEmpty: true,
      required: false,
    });
    expect(field("io.k8s.api.apps.v1.DeploymentSpec", "selector").required).toBe(true);
    expect(field("io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta", "creationTimestamp").omitZero).toBe(true);
    expect(schemas.get("io.k8s.api.core.v1.SecretKeySelector").atomic).toBe(true);
  });

  it("know the special values", () => {
    expect(field("io.k8s.api.core.v1.ResourceRequirements", "limits").value).toEqual({
      type: "map",
      of: { type: "quantity" },
    });
    expect(field("io.k8s.api.core.v1.ServicePort", "targetPort").value).toEqual({ type: "intOrString" });
    expect(field("io.k8s.api.core.v1.Secret", "data").value).toEqual({ type: "map", of: { type: "bytes" } });
    expect(field("io.k8s.api.coordination.v1.LeaseSpec", "renewTime").value).toEqual({ type: "microTime" });
    expect(field("io.k8s.api.apps.v1.ControllerRevision", "data").value).toEqual({ type: "any", raw: "rawExtension" });
    expect(field("io.k8s.api.authentication.v1.UserInfo", "extra").value).toEqual({
      type: "map",
      of: { type: "list", of: { type: "string" } },
    });
  });

  it("may be recursive", () => {
    const props = "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSONSchemaProps";
    expect(field(props, "not").value).toEqual({ type: "struct", of: schemas.get(props) });
    expect(field(props, "items").value).toMatchObject({ type: "schemaOr", other: "array" });
  });

  it("refer only to types that are there", () => {
    const table = JSON.parse(schemaTable) as [string, Record<string, unknown>][];
    for (const [name, kinds] of table)
      for (const kind of Object.keys(kinds)) expect(fieldsOf(schemas.get(`${name}.${kind}`))).not.toBe(0);
  });

  it("refuse names that are no definitions", () => {
    for (const name of ["io.k8s.api.core.v1.Nope", "io.k8s.api.core.v1.constructor", "constructor", ""]) {
      expect(schemas.has(name)).toBe(false);
      expect(() => schemas.get(name)).toThrow("no definition");
    }
  });
});

it("wire types are objects of the API", () => {
  const deployment: Deployment = { metadata: { name: "a" }, spec: { selector: {}, template: {} } };
  const object: KubeObject = deployment;
  expect(object.metadata?.name).toBe("a");
});

function fieldsOf(struct: StructType): number {
  return struct.fields.size === 0 && !empty.has(struct.name) ? 0 : 1;
}

/** Types that have no fields upstream either. */
const empty = new Set([
  "io.k8s.apimachinery.pkg.apis.meta.v1.Patch",
  "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.CustomResourceSubresourceStatus",
]);
