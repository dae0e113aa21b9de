import { once } from "node:events";
import * as http2 from "node:http2";
import * as https from "node:https";
import type { IncomingMessage } from "node:http";
import { createGunzip } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { apiServerOnly, createCluster, type TestCluster } from "../cluster/testing.ts";

const configMaps = "/api/v1/namespaces/default/configmaps";
let cluster: TestCluster;
let tls: { ca: string; cert: string; key: string };

beforeAll(async () => {
  cluster = await createCluster(apiServerOnly);
  tls = credentials(cluster.kubeconfig);
});
afterAll(async () => cluster[Symbol.asyncDispose]());

function credentials(kubeconfig: string): { ca: string; cert: string; key: string } {
  const { clusters, users } = parse(kubeconfig) as {
    clusters: { cluster: Record<string, string> }[];
    users: { user: Record<string, string> }[];
  };
  const text = (base64 = ""): string => Buffer.from(base64, "base64").toString();
  return {
    ca: text(clusters[0]?.cluster["certificate-authority-data"]),
    cert: text(users[0]?.user["client-certificate-data"]),
    key: text(users[0]?.user["client-key-data"]),
  };
}

interface Answer {
  readonly status: number;
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
}

async function send(
  method: string,
  path: string,
  body?: string | Buffer | readonly Buffer[],
  headers: Record<string, string> = {},
): Promise<Answer> {
  const request = https.request({ ...tls, host: "127.0.0.1", port: cluster.port, method, path, headers, agent: false });
  // A server that has answered may cut the rest of a body off.
  request.on("error", () => undefined);
  if (Array.isArray(body)) for (const piece of body) request.write(piece);
  request.end(Array.isArray(body) ? undefined : body);
  const [response] = (await once(request, "response")) as [IncomingMessage];
  let text = "";
  for await (const piece of response.setEncoding("utf8")) text += String(piece);
  return { status: response.statusCode ?? 0, headers: response.headers, body: text };
}

const configMap = (name: string, data: object = {}): string => JSON.stringify({ metadata: { name }, data });

describe("over a socket", () => {
  it("an object is made, read in any form, asked for by HEAD, and deleted", async () => {
    expect((await send("POST", configMaps, configMap("a", { x: "1" }))).status).toBe(201);
    expect(JSON.parse((await send("GET", `${configMaps}/a`)).body)).toMatchObject({ data: { x: "1" } });
    const head = await send("HEAD", `${configMaps}/a`);
    expect([head.status, head.body, Number(head.headers["content-length"]) > 0]).toEqual([200, "", true]);
    expect((await send("HEAD", `${configMaps}/none`)).status).toBe(404);
    expect((await send("DELETE", `${configMaps}/a`)).status).toBe(200);
  });

  it("a body of more than 3 MiB is refused with a Status, with its length declared or not, and the server goes on", async () => {
    const large = Buffer.alloc(4 * 1024 * 1024, 0x20);
    const pieces = Array.from({ length: 64 }, () => large.subarray(0, 65_536));
    for (const body of [large, pieces]) {
      const { status, body: text } = await send("POST", configMaps, body, { "content-type": "application/json" });
      expect([status, JSON.parse(text)]).toMatchObject([
        413,
        { kind: "Status", reason: "RequestEntityTooLarge", message: "Request entity too large: limit is 3145728" },
      ]);
    }
    expect((await send("GET", "/version")).status).toBe(200);
  });

  it("a path is taken as it was sent", async () => {
    await send("POST", configMaps, configMap("here"));
    for (const path of [
      `${configMaps}/x/../here`,
      `${configMaps}/%2e%2e/configmaps/here`,
      `${configMaps}//here`,
      `${configMaps}/x%2F..%2Fhere`,
    ])
      expect([path, (await send("GET", path)).status]).toEqual([path, 404]);
    expect((await send("GET", `${configMaps}/here/`)).status).toBe(200);
    expect((await send("GET", `${configMaps}/%zz`)).status).toBe(400);
  });

  it("a list is the same zipped, in pieces and at once", async () => {
    const filler = "x".repeat(3000);
    for (let index = 0; index < 100; index += 1) await send("POST", configMaps, configMap(`list-${index}`, { filler }));
    const plain = await send("GET", configMaps);
    const session = http2.connect(cluster.url, tls);
    const stream = session.request({ ":path": configMaps, "accept-encoding": "gzip" });
    const [headers] = (await once(stream, "response")) as [http2.IncomingHttpHeaders];
    let text = "";
    for await (const piece of stream.pipe(createGunzip()).setEncoding("utf8")) text += String(piece);
    session.close();
    expect([
      headers["content-encoding"],
      text === plain.body,
      (JSON.parse(text) as { items: unknown[] }).items.length > 100,
    ]).toEqual(["gzip", true, true]);
  });

  it("methods that nobody knows are refused", async () => {
    const session = http2.connect(cluster.url, tls);
    for (const method of ["constructor", "PROPFIND", "OPTIONS"]) {
      const stream = session.request({ ":path": configMaps, ":method": method }, { endStream: true });
      const [headers] = (await once(stream, "response")) as [http2.IncomingHttpHeaders];
      stream.resume();
      expect([method, headers[":status"]]).toEqual([method, 405]);
    }
    session.close();
  });
});

describe("a watch over a socket", () => {
  const gauge = async (): Promise<number> => {
    const line = (await send("GET", "/metrics")).body
      .split("\n")
      .find((one) => one.startsWith("apiserver_longrunning_requests") && one.includes('resource="configmaps"'));
    return Number(line?.split(" ").at(-1) ?? 0);
  };

  it("starts at once, tells what changes, and leaves nothing behind when its client goes", async () => {
    const session = http2.connect(cluster.url, tls);
    const stream = session.request({ ":path": `${configMaps}?watch=1&fieldSelector=metadata.name%3Dseen` });
    const [headers] = (await once(stream, "response")) as [http2.IncomingHttpHeaders];
    expect([headers[":status"], headers["content-type"], headers["content-encoding"]]).toEqual([
      200,
      "application/json",
      undefined,
    ]);
    expect(await gauge()).toBe(1);
    await send("POST", configMaps, configMap("seen"));
    const [piece] = (await once(stream.setEncoding("utf8"), "data")) as [string];
    expect(JSON.parse(piece)).toMatchObject({ type: "ADDED", object: { metadata: { name: "seen" } } });
    stream.close(http2.constants.NGHTTP2_CANCEL);
    await once(stream, "close");
    session.close();
    await expect.poll(gauge).toBe(0);
  });

  it("ends after timeoutSeconds", async () => {
    const { status, body } = await send(
      "GET",
      `${configMaps}?watch=1&timeoutSeconds=1&allowWatchBookmarks=true&resourceVersion=0&fieldSelector=metadata.name%3Dnone`,
    );
    expect([status, JSON.parse(body)]).toMatchObject([200, { type: "BOOKMARK", object: { kind: "ConfigMap" } }]);
  });

  it("ends when the server stops", async () => {
    await using stopping = await createCluster(apiServerOnly);
    const own = credentials(stopping.kubeconfig);
    const request = https.get({
      ...own,
      host: "127.0.0.1",
      port: stopping.port,
      path: `${configMaps}?watch=1`,
      agent: false,
    });
    const [response] = (await once(request, "response")) as [IncomingMessage];
    const ended = once(response.resume(), "end");
    await stopping[Symbol.asyncDispose]();
    await ended;
    expect(response.complete).toBe(true);
  });
});
