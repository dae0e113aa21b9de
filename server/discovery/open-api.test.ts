import { mkdtemp, mkdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { ApiRequest, ApiResponse } from "../../api/wire.ts";
import { createOpenApi, type OpenApi } from "./open-api.ts";
import type { RemoteOpenApiV2 } from "./registered.ts";
import { builtOpenApi } from "./read-open-api.ts";

const pbAccept = "application/com.github.proto-openapi.spec.v2@v1.0+protobuf";
let folder: string;
let openApi: OpenApi;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "open-api-"));
  await mkdir(join(folder, "v3"));
  const index = { v3: { "apis/apps/v1": { hash: "ABC", file: "v3/apps.json" } }, v2: { hash: "DEF" } };
  const files = {
    "index.json": JSON.stringify(index),
    "v3/apps.json": '{"openapi":"3.0.0"}',
    "swagger.json": '{"swagger":"2.0"}',
    "swagger.pb": "pb",
  };
  for (const [name, text] of Object.entries(files)) {
    await writeFile(join(folder, name), text);
    await writeFile(join(folder, `${name}.gz`), gzipSync(text));
  }
  openApi = createOpenApi(builtOpenApi(folder), { now: () => Date.UTC(2026, 0, 1), after: () => () => undefined });
});

afterAll(() => rm(folder, { recursive: true }));

function ask(path: string, headers: ApiRequest["headers"] = {}, of = openApi): Promise<ApiResponse> {
  const url = new URL(`/openapi/${path}`, "http://x");
  const request = {
    method: "GET",
    url: url.pathname,
    headers,
    signal: new AbortController().signal,
    peer: { address: "" },
  };
  return of.answer(request, url.pathname.slice("/openapi/".length), url.searchParams);
}

function text({ body }: ApiResponse): string {
  if (body.type !== "bytes") throw new Error("expected bytes");
  return Buffer.from(body.bytes).toString();
}

test("/openapi/v3 leads to documents whose URL holds their hash", async () => {
  const response = await ask("v3", { accept: "application/json, */*" });
  expect(JSON.parse(text(response))).toEqual({
    paths: { "apis/apps/v1": { serverRelativeURL: "/openapi/v3/apis/apps/v1?hash=ABC" } },
  });
});

test("with its hash a document may be kept for good", async () => {
  const response = await ask("v3/apis/apps/v1?hash=ABC&timeout=32s", { accept: "application/json" });
  expect(text(response)).toBe('{"openapi":"3.0.0"}');
  expect(response.headers).toMatchObject({
    "cache-control": "public, immutable",
    expires: "Fri, 01 Jan 2027 00:00:00 GMT",
    etag: '"ABC"',
  });
  expect((await ask("v3/apis/apps/v1")).headers).not.toHaveProperty("cache-control");
});

test("an old hash leads to the new one", async () => {
  expect(await ask("v3/apis/apps/v1?hash=OLD")).toMatchObject({
    status: 301,
    headers: { location: "/openapi/v3/apis/apps/v1?hash=ABC" },
  });
});

test("what the client has is not sent again", async () => {
  expect((await ask("v3/apis/apps/v1", { "if-none-match": 'W/"X", "ABC"' })).status).toBe(304);
  expect((await ask("v2", { "if-none-match": '"DEF"' })).status).toBe(304);
  expect((await ask("v2", { "if-none-match": '"ABC"' })).status).toBe(200);
});

test("gzip is sent as it was built", async () => {
  const response = await ask("v2", { "accept-encoding": "gzip" });
  expect(response.headers).toMatchObject({ "content-encoding": "gzip", vary: "Accept, Accept-Encoding" });
  if (response.body.type !== "bytes") throw new Error("expected bytes");
  expect(gunzipSync(response.body.bytes).toString()).toBe('{"swagger":"2.0"}');
});

test("v2 is protobuf for who asks for it first, in either spelling, and JSON for everybody else", async () => {
  for (const accept of [pbAccept, pbAccept.replace("@", ".")]) {
    const response = await ask("v2", { accept });
    expect(text(response)).toBe("pb");
    expect(response.headers["content-type"]).toBe("application/com.github.proto-openapi.spec.v2.v1.0+protobuf");
  }
  expect(text(await ask("v2", { accept: "application/json, */*" }))).toBe('{"swagger":"2.0"}');
  expect(text(await ask("v2"))).toBe('{"swagger":"2.0"}');
});

test("what is not there, or not in that form, is refused", async () => {
  await expect(ask("v3/apis/none/v1")).rejects.toMatchObject({ code: 404 });
  await expect(ask("v3/constructor")).rejects.toMatchObject({ code: 404 });
  await expect(ask("v3/..%2F..%2Fetc")).rejects.toMatchObject({ code: 404 });
  await expect(ask("v2", { accept: "text/html" })).rejects.toMatchObject({ code: 406 });
  await expect(ask("v3/apis/apps/v1", { accept: pbAccept })).rejects.toMatchObject({ code: 406 });
});

describe("documents of other servers", () => {
  const thing = (description: string): object => ({ type: "object", description });
  const swagger = {
    swagger: "2.0",
    paths: { "/api/": {} },
    definitions: { Ours: thing("ours") },
    parameters: { "pretty-1": { name: "pretty", in: "query" } },
  };
  const files: Readonly<Record<string, string>> = {
    "index.json": JSON.stringify({ v3: { "apis/apps/v1": { hash: "ABC", file: "x" } }, v2: { hash: "DEF" } }),
    "swagger.json": JSON.stringify(swagger),
    "swagger.pb": "",
  };
  const document = (hash: string, path: string, definitions: object): RemoteOpenApiV2 => ({
    hash,
    bytes: 100,
    paths: { [path]: {} },
    definitions: definitions as RemoteOpenApiV2["definitions"],
    parameters: {},
  });
  let remote: readonly RemoteOpenApiV2[] = [];
  const merged = createOpenApi(
    async (file) => Buffer.from(files[file] ?? ""),
    { now: () => 0, after: () => () => undefined },
    undefined,
    {
      openApiV2: () => remote,
      openApiV3: async () => [
        { name: "apis/apps/v1", serverRelativeURL: undefined },
        { name: "apis/x.io/v1", serverRelativeURL: "/openapi/v3/apis/x.io/v1?hash=X" },
      ],
    },
  );

  test("v3 leads to them, and not to ours in their place", async () => {
    expect(JSON.parse(text(await ask("v3", {}, merged)))).toEqual({
      paths: { "apis/x.io/v1": { serverRelativeURL: "/openapi/v3/apis/x.io/v1?hash=X" } },
    });
  });

  test("v2 holds them; of one name ours comes first, then the first of theirs", async () => {
    const before = (await ask("v2", {}, merged)).headers["etag"];
    remote = [
      document("1", "/apis/x.io/v1/things", { Ours: thing("theirs"), Theirs: thing("first") }),
      document("2", "/apis/y.io/v1/things", { Theirs: thing("second") }),
      { ...document("3", "/apis/z.io/v1/things", {}), bytes: 32 * 1024 * 1024 },
    ];
    const answer = await ask("v2", { accept: "application/json" }, merged);
    expect(answer.headers["etag"]).not.toBe(before);
    expect(JSON.parse(text(answer))).toEqual({
      ...swagger,
      paths: { "/api/": {}, "/apis/x.io/v1/things": {}, "/apis/y.io/v1/things": {} },
      definitions: { Ours: thing("ours"), Theirs: thing("first") },
    });
    const protobuf = text(await ask("v2", { accept: pbAccept }, merged));
    expect(protobuf).toContain("/apis/y.io/v1/things");
    expect(protobuf).not.toContain("second");
  });
});
