import { fileURLToPath } from "node:url";
import { gunzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import type { ApiResponse } from "../../../api/wire.ts";
import { createOpenApi } from "../../discovery/open-api.ts";
import { builtOpenApi } from "../../discovery/read-open-api.ts";
import type { OpenApiV3 } from "../../../api/openapi/v3.ts";
import type { OpenApiV2 } from "../../../api/openapi/v2.ts";
import { definition, version } from "./boats.testing.ts";
import { createCustomKind } from "./custom-kind.ts";
import type { PublishedKind } from "./custom-resources.ts";
import { summarize } from "./definition-summary.ts";
import { createCustomDocuments } from "./open-api.ts";
import { noConversion } from "./conversion/none.ts";

const read = builtOpenApi(fileURLToPath(new URL("../../../api/generated/openapi", import.meta.url)));
const made = definition([
  version("v1", { storage: true, subresources: { status: {} } }),
  version("v2", {
    schema: {
      openAPIV3Schema: {
        type: "object",
        properties: {
          spec: {
            type: "object",
            properties: {
              size: { "x-kubernetes-int-or-string": true, anyOf: [{ type: "integer" }, { type: "string" }] },
              free: {
                type: "object",
                "x-kubernetes-preserve-unknown-fields": true,
                properties: { a: { type: "string" } },
              },
              pod: { type: "object", "x-kubernetes-embedded-resource": true },
              maybe: { type: "string", nullable: true, maxLength: 3 },
            },
          },
        },
      },
    },
  }),
]);
made.metadata = { ...made.metadata, uid: "u", generation: 1 };
const kind = createCustomKind(
  summarize(made),
  { compile: () => expect.unreachable(), conversionOf: () => noConversion },
  { isTerminating: false },
);
const published: PublishedKind[] = (kind?.served ?? []).map(({ row }) => ({
  definition: "boats.example.com",
  uid: "u",
  generation: 1,
  row,
}));
let current = published;
const documents = createCustomDocuments({ published: () => current, source: { find: () => made }, read });
const openApi = createOpenApi(read, { now: () => 0, after: () => () => undefined }, documents);

async function ask(url: string, headers: Record<string, string> = {}): Promise<ApiResponse> {
  const [path = "", query] = url.split("?");
  const request = {
    method: "GET",
    url: `/openapi/${url}`,
    headers,
    signal: new AbortController().signal,
    peer: { address: "" },
  };
  return openApi.answer(request, path, new URLSearchParams(query));
}

function bytesOf({ body }: ApiResponse): Buffer {
  if (body.type !== "bytes") throw new Error("expected bytes");
  return Buffer.from(body.bytes);
}

async function json<T>(url: string): Promise<T> {
  return JSON.parse(bytesOf(await ask(url)).toString()) as T;
}

describe("OpenAPI v3 of custom resources", () => {
  it("is listed with a hash that follows the definition", async () => {
    const index = await json<{ paths: Record<string, { serverRelativeURL: string }> }>("v3");
    const url = index.paths["apis/example.com/v1"]?.serverRelativeURL ?? "";
    expect(url).toMatch(/^\/openapi\/v3\/apis\/example\.com\/v1\?hash=[0-9A-F]{128}$/);
    expect(index.paths).toHaveProperty("apis/apps/v1");
    expect(Object.keys(index.paths)).toEqual(Object.keys(index.paths).toSorted());
    current = published.map((one) => ({ ...one, generation: 2 }));
    expect(await ask(url.slice("/openapi/".length))).toMatchObject({ status: 301 });
    current = published;
    expect(await ask(url.slice("/openapi/".length))).toMatchObject({ status: 200 });
  });

  it("describes the kind, its list and its paths", async () => {
    const { paths, components } = await json<OpenApiV3>("v3/apis/example.com/v1");
    expect(Object.keys(paths)).toEqual(
      expect.arrayContaining([
        "/apis/example.com/v1/boats",
        "/apis/example.com/v1/namespaces/{namespace}/boats/{name}",
        "/apis/example.com/v1/namespaces/{namespace}/boats/{name}/status",
      ]),
    );
    expect(components.schemas["com.example.v1.Boat"]).toMatchObject({
      properties: {
        apiVersion: { type: "string" },
        metadata: { allOf: [{ $ref: "#/components/schemas/io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta" }] },
        spec: { required: ["length"], properties: { color: { default: "white", enum: ["white", "red", "blue"] } } },
      },
      "x-kubernetes-group-version-kind": [{ group: "example.com", version: "v1", kind: "Boat" }],
    });
    expect(components.schemas["com.example.v1.BoatList"]).toMatchObject({ required: ["items"] });
    expect(Object.keys(components.schemas)).not.toContain("com.example.v2.Boat");
  });
});

describe("OpenAPI v2", () => {
  it("has them among the built-in kinds, in words that old clients understand", async () => {
    const { paths, definitions, parameters } = await json<OpenApiV2>("v2");
    expect(Object.keys(definitions)).toEqual(
      expect.arrayContaining(["io.k8s.api.core.v1.Pod", "com.example.v1.BoatList"]),
    );
    expect(paths).toHaveProperty(["/apis/example.com/v2/boats"]);
    expect(paths).toHaveProperty(["/api/v1/pods"]);
    const { spec } = definitions["com.example.v2.Boat"]?.properties ?? {};
    expect(spec?.properties).toMatchObject({
      size: { "x-kubernetes-int-or-string": true },
      free: { "x-kubernetes-preserve-unknown-fields": true },
      pod: { required: ["kind", "apiVersion"] },
      maybe: { maxLength: 3 },
    });
    for (const name of ["size", "free", "maybe"]) expect(spec?.properties?.[name]).not.toHaveProperty("type");
    expect(spec?.properties?.["free"]).not.toHaveProperty("properties");
    // Everything that paths refer to is there.
    for (const [, name = ""] of JSON.stringify(paths).matchAll(/"#\/parameters\/([^"]+)"/g))
      expect(Object.hasOwn(parameters, name), name).toBe(true);
  });

  it("is protobuf too, and compressed", async () => {
    const accept = "application/com.github.proto-openapi.spec.v2@v1.0+protobuf";
    const plain = bytesOf(await ask("v2", { accept }));
    expect(plain.subarray(-20_000).includes("com.example.v2.BoatList")).toBe(true);
    const packed = await ask("v2", { accept, "accept-encoding": "gzip" });
    expect(packed.headers["content-encoding"]).toBe("gzip");
    expect(gunzipSync(bytesOf(packed)).equals(plain)).toBe(true);
  });

  it("is the built-in one without them", async () => {
    current = [];
    const { headers } = await ask("v2");
    current = published;
    expect(headers["etag"]).not.toBe((await ask("v2")).headers["etag"]);
  });
});
