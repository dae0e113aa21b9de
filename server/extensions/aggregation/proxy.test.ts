import { once } from "node:events";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { ApiRequest, ApiResponse, UserInfo } from "../../../api/wire.ts";
import { answerOf, answerOfStream, joined, loopback, type Loopback } from "../../http/loopback.testing.ts";
import { apiServiceResource, remoteApiService, startRemote, type RemoteTrial } from "./remote.testing.ts";

const ann: UserInfo = { name: "ann", uid: "u-1", groups: ["a", "b"], extra: { "example.com/Täg": ["1", "2"] } };
const path = "/apis/example.com/v1/things";

let front: Loopback;
let trial: RemoteTrial;
/** Who asks; authentication is not what is tried here. */
let user: UserInfo;

beforeEach(async () => {
  user = ann;
  front = await loopback((request) => passOn(request));
  trial = await startRemote(front.pki, () => ({ body: { kind: "ThingList" } }));
});
afterEach(async () => {
  await front[Symbol.asyncDispose]();
  await trial[Symbol.asyncDispose]();
});

async function passOn(request: ApiRequest): Promise<ApiResponse> {
  const remote = await trial.aggregation.findForPath(request.url.split("?")[0] ?? "");
  if (remote === undefined) return { status: 404, headers: {}, body: { type: "bytes", bytes: Buffer.from("ours") } };
  return trial.aggregation.proxy(remote, request, user);
}

const get = async (url = path, headers = {}): Promise<{ status: number | undefined; text: string }> => {
  const { status, body } = await answerOf(front.http1(url, { headers }));
  return { status, text: body.toString() };
};

it.each([
  ["/apis/example.com/v1", true],
  ["/apis/example.com/v1/", true],
  ["/apis/example.com/v1/namespaces/a/things/b", true],
  ["/openapi/v3/apis/example.com/v1", true],
  ["/apis/example.com", false],
  ["/apis/example.com/v1beta1/things", false],
  ["/api/v1/pods", false],
  ["/x/apis/example.com/v1", false],
])("whose path %s is", async (asked, isRemote) => {
  expect((await trial.aggregation.findForPath(asked)) !== undefined).toBe(isRemote);
});

describe("a request for a remote group-version", () => {
  it("reaches its server, with the user and the front proxy's certificate", async () => {
    expect(await get(`${path}?limit=5&x=%2F`, { accept: "application/json" })).toEqual({
      status: 200,
      text: '{"kind":"ThingList"}',
    });
    const [seen] = trial.server.received;
    expect(seen).toMatchObject({ method: "GET", url: `${path}?limit=5&x=%2F`, clientName: "front-proxy-client" });
    expect(seen?.headers).toMatchObject({
      host: "hook.default.svc:443",
      accept: "application/json",
      "x-remote-user": "ann",
      "x-remote-uid": "u-1",
      "x-remote-group": "a, b",
      "x-remote-extra-example.com%2ft%c3%a4g": "1, 2",
      "x-forwarded-for": "127.0.0.1",
      "x-forwarded-proto": "https",
      "x-forwarded-uri": path,
    });
  });

  it("says of its client only what we know", async () => {
    user = { name: "system:anonymous", groups: [] };
    await get(path, {
      authorization: "Bearer secret",
      "x-remote-user": "admin",
      "x-remote-group": "system:masters",
      "x-remote-extra-a": "b",
      "impersonate-user": "admin",
      connection: "keep-alive, x-hop",
      "x-hop": "1",
      "x-kept": "yes",
    });
    const headers = trial.server.received[0]?.headers ?? {};
    expect(headers).toMatchObject({ "x-remote-user": "system:anonymous", "x-kept": "yes" });
    for (const name of ["authorization", "x-remote-group", "x-remote-extra-a", "impersonate-user", "x-hop"])
      expect(headers).not.toHaveProperty([name]);
  });

  it.each(["POST", "PUT", "PATCH", "DELETE"])("carries its body: %s", async (method) => {
    trial.server.answer(({ body }) => ({ status: 201, body, headers: { warning: '299 - "w"' } }));
    const sent = Buffer.alloc(300_000, "x");
    const session = front.http2();
    const stream = session.request({ ":path": path, ":method": method }, { endStream: false });
    stream.end(sent);
    const answer = await answerOfStream(stream);
    expect([answer.status, answer.headers["warning"], answer.body.equals(sent)]).toEqual([201, '299 - "w"', true]);
    session.destroy();
  });

  it("is answered as it comes, and ends when its client goes", async () => {
    let send: (text: string) => void = () => undefined;
    let gone: Promise<unknown> = Promise.resolve();
    trial.server.answer((_request, response) => {
      response.writeHead(200).flushHeaders();
      send = (text) => void response.write(text);
      gone = once(response, "close");
      return "handled";
    });
    const request = front.http1(`${path}?watch=1`).end();
    const [answer] = await once(request, "response");
    send("one");
    expect(String((await once(answer, "data"))[0])).toBe("one");
    send("two");
    expect(String((await once(answer, "data"))[0])).toBe("two");
    request.on("error", () => undefined).destroy();
    await gone;
  });

  it("is cut when the server breaks off", async () => {
    trial.server.answer((_request, response) => {
      response.writeHead(200, { "content-length": "100" });
      response.write("half", () => response.destroy());
      return "handled";
    });
    await expect(get()).rejects.toMatchObject({ code: "ECONNRESET" });
  });

  it("may be a HEAD", async () => {
    trial.server.answer(() => ({ headers: { "x-there": "yes" } }));
    const answer = await answerOf(front.http1(path, { method: "HEAD" }));
    expect([answer.status, answer.headers["x-there"], answer.body.length]).toEqual([200, "yes", 0]);
  });

  it("gets the server's own refusals", async () => {
    trial.server.answer(() => ({ status: 409, body: { kind: "Status", reason: "Conflict" } }));
    expect(await get()).toEqual({ status: 409, text: '{"kind":"Status","reason":"Conflict"}' });
  });

  it("is not sent elsewhere", async () => {
    trial.server.answer(() => ({ status: 302, headers: { location: "https://127.0.0.1:1/" } }));
    expect(await get()).toEqual({
      status: 502,
      text: "the backend attempted to redirect this request, which is not permitted",
    });
  });
});

describe("a server that is not there", () => {
  const without = (spec: object, available = "True"): void =>
    trial.objects.put(apiServiceResource, remoteApiService(spec, available));

  it.each<[string, () => void, string]>([
    ["by its condition", () => without({}, "False"), "service unavailable\n"],
    ["nor its service", () => trial.objects.remove("services", "default", "hook"), "service unavailable\n"],
    [
      "but another, of another authority",
      () => without({ caBundle: undefined }),
      "error trying to reach service: tls: failed to verify certificate: x509: certificate signed by unknown authority\n",
    ],
  ])("%s", async (_what, change, text) => {
    change();
    expect(await get()).toEqual({ status: 503, text });
  });

  it("needs no certificate when none is asked for", async () => {
    without({ caBundle: undefined, insecureSkipTLSVerify: true });
    expect((await get()).status).toBe(200);
  });

  it("leaves us to answer when its APIService goes", async () => {
    trial.objects.remove(apiServiceResource, "", "v1.example.com");
    expect((await get()).text).toBe("ours");
  });

  it.each([
    ["a minute to begin", path, 60_000],
    ["five seconds to say what it serves", "/apis/example.com/v1?timeout=32s", 5_000],
  ])("may take %s", async (_what, url, patience) => {
    let asked: () => void = () => undefined;
    const began = new Promise<void>((resolve) => (asked = resolve));
    trial.server.answer(() => {
      asked();
      return "handled";
    });
    let isOver = false;
    const answer = get(url).finally(() => (isOver = true));
    await began;
    trial.clock.advance(patience - 1);
    expect(isOver).toBe(false);
    trial.clock.advance(1);
    expect(await answer).toEqual({ status: 503, text: "error trying to reach service: context deadline exceeded\n" });
  });
});

describe("an upgrade", () => {
  const upgrade = `GET ${path}/x/exec HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: echo/1\r\nSec-WebSocket-Key: k\r\n\r\n`;

  it("is a tunnel that both sides can close", async () => {
    trial.server.onUpgrade((request, socket, head) => {
      expect(request.headers).toMatchObject({ "x-remote-user": "ann", upgrade: "echo/1", "sec-websocket-key": "k" });
      socket.on("error", () => undefined);
      socket.write(`HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: echo/1\r\nX-A: b\r\n\r\nhello`);
      socket.write(head);
      socket.pipe(socket);
    });
    const socket = await front.tls();
    socket.write(`${upgrade}early`);
    let heard = "";
    const all = (async () => {
      for await (const piece of socket as AsyncIterable<Buffer>) {
        heard += piece.toString();
        if (heard.endsWith("early")) socket.end("last");
      }
    })();
    await all;
    expect(heard).toMatch(/^HTTP\/1\.1 101 Switching Protocols\r\n/);
    expect(heard).toContain("x-a: b");
    expect(heard).toMatch(/\r\n\r\nhelloearlylast$/);
  });

  it("closes the far end with the client, and the client with the far end", async () => {
    let far: Promise<unknown> = Promise.resolve();
    let cut: () => void = () => undefined;
    trial.server.onUpgrade((_request, socket) => {
      far = once(socket, "close");
      cut = () => socket.destroy();
      socket.on("error", () => undefined);
      socket.write("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: echo/1\r\n\r\n");
    });
    const first = await front.tls();
    first.write(upgrade);
    await once(first, "data");
    first.destroy();
    await far;
    const second = await front.tls();
    second.write(upgrade);
    await once(second, "data");
    const gone = once(second.resume(), "close");
    cut();
    await gone;
  });

  it.each([
    [200, "HTTP/1.1 503 Service Unavailable", "invalid upgrade response: status code 200\n"],
    [403, "HTTP/1.1 403 Forbidden", "no\n"],
  ])("that is answered with %d leaves nothing open", async (status, line, text) => {
    trial.server.answer(() => ({ status, body: "no\n" }));
    const socket = await front.tls();
    socket.write(upgrade);
    const answer = (await joined(socket)).toString();
    expect(answer.startsWith(line)).toBe(true);
    expect(answer).toContain(text);
  });
});
