import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { defineResource, type ResourceRow } from "../resource.ts";
import type { OpenApiSchema, OpenApiSource } from "./document.ts";
import { customPaths, v3Documents } from "./documents.ts";
import { encodeDocument } from "./protobuf.ts";
import { buildV2, type OpenApiV2 } from "./v2.ts";
import type { OpenApiV3 } from "./v3.ts";

const generated = new URL("../generated/openapi/", import.meta.url);
const read = (name: string): unknown => JSON.parse(readFileSync(new URL(name, generated), "utf8"));
const index = read("index.json") as { v3: Record<string, { hash: string; file: string }> };
const source = read("definitions.json") as OpenApiSource;
const meta = "io.k8s.apimachinery.pkg.apis.meta.v1";

interface V3Operation {
  readonly operationId: string;
  readonly parameters?: readonly { name: string }[];
  readonly requestBody?: { content: Record<string, unknown> };
  readonly "x-kubernetes-group-version-kind"?: unknown;
}

describe("the v3 documents", () => {
  it("exist for every group-version that is on by default, for groups and for the server's paths", () => {
    expect(Object.keys(index.v3)).toEqual(
      expect.arrayContaining(["api", "api/v1", "apis", "apis/apps", "apis/apps/v1", "apis/autoscaling/v1", "version"]),
    );
    expect(Object.keys(index.v3).filter((name) => /alpha|beta/.test(name))).toEqual([]);
  });

  it.each(Object.entries(index.v3))("%s refers only to schemas of its own", (_, { file }) => {
    const text = readFileSync(new URL(file, generated), "utf8");
    const document = JSON.parse(text) as OpenApiV3;
    for (const [, name = ""] of text.matchAll(/"#\/components\/schemas\/([^"]+)"/g))
      expect(document.components.schemas).toHaveProperty([name]);
  });

  it("let kubectl see that patches can be validated", () => {
    for (const { file } of Object.values(index.v3)) {
      for (const [path, item] of Object.entries((read(file) as OpenApiV3).paths)) {
        const { patch, parameters = [] } = item as { patch?: V3Operation; parameters?: readonly { name: string }[] };
        if (patch === undefined || path.includes("/proxy")) continue;
        expect(patch["x-kubernetes-group-version-kind"]).toBeDefined();
        expect([...parameters, ...(patch.parameters ?? [])].map((parameter) => parameter.name)).toContain(
          "fieldValidation",
        );
      }
    }
  });

  it("state defaults, unions and references with siblings as v3 does", () => {
    const { schemas } = (read("v3/apis__apps__v1.json") as OpenApiV3).components;
    const property = (name: string, field: string): OpenApiSchema => schemas[name]?.properties?.[field] ?? {};
    expect(property("io.k8s.api.apps.v1.Deployment", "spec")).toMatchObject({
      default: {},
      allOf: [{ $ref: "#/components/schemas/io.k8s.api.apps.v1.DeploymentSpec" }],
    });
    expect(property("io.k8s.api.core.v1.Container", "name").default).toBe("");
    expect(property("io.k8s.api.core.v1.Container", "image")).not.toHaveProperty("default");
    expect(property("io.k8s.api.core.v1.ContainerPort", "protocol").default).toBe("TCP");
    expect(schemas["io.k8s.apimachinery.pkg.util.intstr.IntOrString"]?.oneOf).toEqual([
      { type: "integer" },
      { type: "string" },
    ]);
  });

  it("name DeleteOptions only as v1's and the document's own", () => {
    const { schemas } = (read("v3/apis__apps__v1.json") as OpenApiV3).components;
    expect(schemas[`${meta}.DeleteOptions`]?.["x-kubernetes-group-version-kind"]).toEqual([
      { group: "", version: "v1", kind: "DeleteOptions" },
      { group: "apps", version: "v1", kind: "DeleteOptions" },
    ]);
  });
});

const tabs: ResourceRow = defineResource({
  group: "stable.example.com",
  version: "v1",
  kind: "CronTab",
  plural: "crontabs",
  scope: "Namespaced",
  definition: "com.example.stable.v1.CronTab",
  subresources: [
    { name: "status", kind: "CronTab", group: "stable.example.com", version: "v1", verbs: ["get", "patch", "update"] },
    { name: "scale", kind: "Scale", group: "autoscaling", version: "v1", verbs: ["get", "patch", "update"] },
  ],
});
const custom: OpenApiSource = {
  texts: source.texts,
  schemas: {
    ...source.schemas,
    "com.example.stable.v1.CronTab": {
      type: "object",
      properties: { spec: { type: "object", properties: { cron: { type: "string", nullable: true, default: "" } } } },
    },
    "com.example.stable.v1.CronTabList": {
      type: "object",
      properties: { items: { type: "array", items: { $ref: "#/components/schemas/com.example.stable.v1.CronTab" } } },
    },
  },
};

describe("documents of custom resources", () => {
  const paths = customPaths([tabs], custom);

  it("have upstream's operation ids, and neither strategic merge nor protobuf", () => {
    const document = v3Documents(paths, custom, "v1.36.0").get("apis/stable.example.com/v1");
    const item = document?.paths["/apis/stable.example.com/v1/namespaces/{namespace}/crontabs/{name}"] as {
      patch: V3Operation;
    };
    expect(item.patch.operationId).toBe("patchStableExampleComV1NamespacedCronTab");
    expect(Object.keys(item.patch.requestBody?.content ?? {})).toEqual([
      "application/json-patch+json",
      "application/merge-patch+json",
      "application/apply-patch+yaml",
    ]);
    expect(Object.keys(document?.components.schemas ?? {})).toContain("io.k8s.api.autoscaling.v1.Scale");
  });

  it("say in v2 only what v2 clients understand", () => {
    const v2 = buildV2(paths, custom.schemas, "v1.36.0");
    expect(v2.definitions["com.example.stable.v1.CronTab"]?.properties?.spec?.properties?.cron).toEqual({});
  });
});

describe("the protobuf form", () => {
  it("has gnostic's field numbers", () => {
    const bytes = encodeDocument({ swagger: "2.0", definitions: { A: { type: "object" } } });
    expect(Buffer.from(bytes).toString("hex")).toBe(
      "0a03322e30" + "4200" + "4a12" + "0a10" + "0a0141" + "120b" + "b20108" + "0a066f626a656374" + "5200",
    );
  });

  it("of two documents in a row is that of their union", () => {
    const whole = read("swagger.json") as OpenApiV2;
    const parts = { swagger: whole.swagger, info: whole.info };
    const joined = Buffer.concat([
      encodeDocument({ ...parts, definitions: { A: { type: "object" } } }),
      encodeDocument({ definitions: { B: { type: "string" } } }),
    ]);
    expect(
      fieldsOf(joined)
        .filter(([field]) => field === 9)
        .flatMap(([, bytes]) => fieldsOf(bytes).map(([, entry]) => fieldsOf(entry)[0]?.[1].toString())),
    ).toEqual(["A", "B"]);
  });

  it("holds every path and definition", () => {
    const whole = read("swagger.json") as OpenApiV2;
    const fields = new Map(fieldsOf(readFileSync(new URL("swagger.pb", generated))));
    expect([...fields.keys()]).toEqual([1, 2, 8, 9, 10, 12, 13]);
    expect(fieldsOf(fields.get(8) ?? Buffer.alloc(0))).toHaveLength(Object.keys(whole.paths).length);
    expect(fieldsOf(fields.get(9) ?? Buffer.alloc(0))).toHaveLength(Object.keys(whole.definitions).length);
  });
});

/** Reads a message whose fields are all length-delimited. */
function fieldsOf(bytes: Buffer): [field: number, bytes: Buffer][] {
  const fields: [number, Buffer][] = [];
  for (let at = 0; at < bytes.length;) {
    const tag = varint();
    const length = varint();
    if (tag % 8 !== 2) throw new Error(`wire type ${tag % 8}`);
    fields.push([Math.floor(tag / 8), bytes.subarray(at, at + length)]);
    at += length;

    function varint(): number {
      let value = 0;
      for (let factor = 1; ; factor *= 128) {
        const byte = bytes.readUInt8(at++);
        value += (byte % 128) * factor;
        if (byte < 128) return value;
      }
    }
  }
  return fields;
}
