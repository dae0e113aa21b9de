import { once } from "node:events";
import { createSecureServer, type ServerHttp2Session, type ServerHttp2Stream } from "node:http2";
import { connect, createServer, type Server, type Socket } from "node:net";
import { createServer as createHttps } from "node:https";
import { afterEach, describe, expect, it } from "vitest";
import type { ApiRequest, ApiResponse, Transport, WatchEvent } from "../../api/wire.ts";
import {
  bytes,
  fedWatch,
  joined,
  type Loopback,
  loopback,
  shownCertificate,
} from "../../server/http/loopback.testing.ts";
import { ConnectionError } from "../connection-error.ts";
import { watchBatches } from "../watch-events.ts";
import { createHttpsTransport, type HttpsTransport } from "./https-transport.ts";
import type { HttpsTransportOptions } from "./options.ts";

const opened: AsyncDisposable[] = [];
afterEach(async () => {
  for (const one of opened.splice(0).reverse()) await one[Symbol.asyncDispose]();
});

async function serve(handle: (request: ApiRequest) => Promise<ApiResponse>): Promise<Loopback> {
  const loop = await loopback(handle);
  opened.push(loop);
  return loop;
}

function transportTo(server: string, caPem: string, options: Partial<HttpsTransportOptions> = {}): Transport {
  const https: HttpsTransport = createHttpsTransport({ server, caPem, ...options });
  opened.push(https);
  return https.transport;
}

const toLoop = ({ server, pki }: Loopback, options: Partial<HttpsTransportOptions> = {}): Transport =>
  transportTo(`https://127.0.0.1:${server.port}`, pki.ca.certPem, options);

const asked = (url: string, more: Partial<ApiRequest> = {}): ApiRequest => ({
  method: "GET",
  url,
  headers: {},
  signal: new AbortController().signal,
  peer: { address: "" },
  ...more,
});

async function textOf({ body }: ApiResponse): Promise<string> {
  if (body.type === "bytes") return Buffer.from(body.bytes).toString();
  if (body.type !== "chunks") throw new Error(body.type);
  const pieces: Uint8Array[] = [];
  for await (const piece of body.chunks) pieces.push(piece);
  return Buffer.concat(pieces).toString();
}

async function echo({ method, url, headers, peer, body }: ApiRequest): Promise<ApiResponse> {
  const text = body === undefined ? null : String(body instanceof Uint8Array ? body : await joined(body));
  const certificate = shownCertificate(peer);
  return bytes(JSON.stringify({ method, url, headers, certificate, body: text }), {
    "content-type": "application/json",
  });
}

interface Echoed {
  readonly method: string;
  readonly url: string;
  readonly headers: Record<string, string>;
  readonly certificate?: { readonly subject: string; readonly verified: boolean };
  readonly body: string | null;
}
const echoed = async (response: ApiResponse): Promise<Echoed> => JSON.parse(await textOf(response)) as Echoed;

const event = (name: string): string => `${JSON.stringify({ type: "ADDED", object: { metadata: { name } } })}\n`;
const namesOf = (events: readonly WatchEvent[]): string[] => events.map(({ object }) => object.metadata?.name ?? "");

describe("a request", () => {
  it("reaches the server with method, path, headers and body, and comes back with status, headers and bytes", async () => {
    const transport = toLoop(await serve(echo));
    const body = Buffer.from("hello");
    const headers = { "x-one": "1", host: "elsewhere", connection: "close", "x-none": undefined };
    const response = await transport(asked("/api?limit=5", { method: "POST", body, headers }));
    expect(response).toMatchObject({ status: 200, headers: { "content-type": "application/json" } });
    expect(response.body.type).toBe("bytes");
    expect(Object.keys(response.headers).filter((name) => name.startsWith(":"))).toEqual([]);
    expect(await echoed(response)).toMatchObject({
      method: "POST",
      url: "/api?limit=5",
      body: "hello",
      headers: { "x-one": "1", "content-length": "5" },
    });
  });

  it("may have a body that is still on its way", async () => {
    const transport = toLoop(await serve(echo));
    async function* pieces(): AsyncGenerator<Uint8Array> {
      yield Buffer.from("one ");
      yield await Promise.resolve(Buffer.from("two"));
    }
    expect(await echoed(await transport(asked("/", { method: "PUT", body: pieces() })))).toMatchObject({
      body: "one two",
    });
  });

  it("may have an object for its body", async () => {
    const transport = toLoop(await serve(echo));
    const object = { large: 9_007_199_254_740_993n };
    expect(await echoed(await transport(asked("/", { method: "POST", object })))).toMatchObject({
      body: '{"large":9007199254740993}',
    });
  });

  it("goes below the path of the server's address", async () => {
    const loop = await serve(echo);
    const transport = transportTo(`https://127.0.0.1:${loop.server.port}/clusters/a/`, loop.pki.ca.certPem);
    expect((await echoed(await transport(asked("/api")))).url).toBe("/clusters/a/api");
  });

  it("shows a token that is asked for each time, unless it has one of its own", async () => {
    let token = 0;
    const transport = toLoop(await serve(echo), { authorization: () => `Bearer ${(token += 1)}` });
    expect((await echoed(await transport(asked("/")))).headers["authorization"]).toBe("Bearer 1");
    expect((await echoed(await transport(asked("/")))).headers["authorization"]).toBe("Bearer 2");
    const own = asked("/", { headers: { authorization: "Bearer own" } });
    expect((await echoed(await transport(own))).headers["authorization"]).toBe("Bearer own");
  });

  it("shows the certificate that holds now", async () => {
    const loop = await serve(echo);
    let certificate = loop.pki.clients.admin;
    const transport = toLoop(loop, { clientCertificate: () => certificate });
    const shown = async (): Promise<unknown> => (await echoed(await transport(asked("/")))).certificate;
    expect(await shown()).toMatchObject({ subject: expect.stringContaining("CN=kubernetes-admin"), verified: true });
    certificate = (await serve(echo)).pki.clients.admin;
    expect(await shown()).toMatchObject({ subject: expect.stringContaining("CN=kubernetes-admin"), verified: false });
  });

  it("runs beside many others, also more than one connection may carry", async () => {
    const waiting: (() => void)[] = [];
    const transport = toLoop(
      await serve(async () => {
        await new Promise<void>((resolve) => waiting.push(resolve));
        return bytes("x");
      }),
    );
    // All 300 have to be there at once before any is answered.
    const answers = Array.from({ length: 300 }, () => transport(asked("/")));
    await expect.poll(() => waiting.length, { timeout: 5000 }).toBe(300);
    for (const resolve of waiting) resolve();
    expect((await Promise.all(answers)).map(({ status }) => status)).toEqual(answers.map(() => 200));
  });

  it("has an answer in chunks where its length is not known", async () => {
    const pieces = Array.from({ length: 40 }, (_, index) => Buffer.alloc(100_000, String.fromCharCode(65 + index)));
    const chunked = { status: 200, headers: {}, body: { type: "chunks", chunks: pieces } } as const;
    const response = await toLoop(await serve(() => Promise.resolve(chunked)))(asked("/"));
    expect(response.body).toMatchObject({ type: "chunks", live: true });
    expect(await textOf(response)).toBe(Buffer.concat(pieces).toString());
  });

  it("has an empty answer for HEAD", async () => {
    const transport = toLoop(await serve(echo));
    expect(await textOf(await transport(asked("/", { method: "HEAD" })))).toBe("");
  });

  it("cannot take the connection over", async () => {
    const transport = toLoop(await serve(echo));
    await expect(transport(asked("/", { upgrade: "websocket" }))).rejects.toThrow("cannot be taken over");
  });

  it("that is aborted ends at once, on the server too", async () => {
    let gone: () => void = () => undefined;
    const noticed = new Promise<void>((resolve) => (gone = resolve));
    const stop = new AbortController();
    const transport = toLoop(
      await serve(({ signal }) => {
        signal.addEventListener("abort", gone);
        stop.abort(new Error("enough"));
        return new Promise(() => undefined);
      }),
    );
    await expect(transport(asked("/", { signal: stop.signal }))).rejects.toThrow("enough");
    await noticed;
    await expect(transport(asked("/", { signal: stop.signal }))).rejects.toThrow("enough");
  });
});

describe("a watch", () => {
  it("brings events as they come, and ends when the server ends it", async () => {
    const watch = fedWatch();
    const transport = toLoop(
      await serve(() => Promise.resolve({ status: 200, headers: {}, body: { type: "watch", watch } })),
    );
    const response = await transport(asked("/api?watch=1"));
    const batches = watchBatches(response, new AbortController().signal);
    watch.push(event("a"));
    expect(namesOf((await batches.next()).value ?? [])).toEqual(["a"]);
    watch.push(event("b").slice(0, 10));
    watch.push(event("b").slice(10) + event("c"));
    const rest: string[] = [];
    watch.end();
    for await (const batch of batches) rest.push(...namesOf(batch));
    expect(rest).toEqual(["b", "c"]);
  });

  it("is closed on the server when its signal is aborted, or its reader leaves", async () => {
    const watches = [fedWatch(), fedWatch()];
    const transport = toLoop(
      await serve(({ url }) => {
        const watch = watches[Number(url.slice(-1))] ?? fedWatch();
        return Promise.resolve({ status: 200, headers: {}, body: { type: "watch", watch } });
      }),
    );
    const stop = new AbortController();
    const first = await transport(asked("/?watch=true&n=0", { signal: stop.signal }));
    const ended = watchBatches(first, stop.signal).next();
    stop.abort();
    expect(await ended).toEqual({ done: true, value: undefined });
    await watches[0]?.closed;
    watches[1]?.push(event("a"));
    const second = await transport(asked("/?watch=true&n=1"));
    for await (const _batch of watchBatches(second, new AbortController().signal)) break;
    await watches[1]?.closed;
  });

  it("waits for a slow reader", async () => {
    const slow = fedWatch();
    const transport = toLoop(
      await serve(({ url }) =>
        Promise.resolve(url === "/" ? bytes("") : { status: 200, headers: {}, body: { type: "watch", watch: slow } }),
      ),
    );
    const response = await transport(asked("/?watch=1"));
    for (let count = 0; count < 100; count += 1) slow.push(event("x".repeat(100_000)));
    for (let count = 0; count < 20; count += 1) await transport(asked("/"));
    // 10 MB wait with the server; not even a fifth of it was taken.
    expect(slow.taken).toBeLessThan(20);
    slow.end();
    let count = 0;
    for await (const batch of watchBatches(response, new AbortController().signal)) count += batch.length;
    expect(count).toBe(100);
  });

  it("ends in peace when the server closes, and the next request finds the one that has taken its place", async () => {
    const watch = fedWatch();
    const loop = await serve(() => Promise.resolve({ status: 200, headers: {}, body: { type: "watch", watch } }));
    const relay = await relayTo(loop.server.port);
    const transport = transportTo(`https://127.0.0.1:${relay.port}`, "", { insecure: true });
    const batches = watchBatches(await transport(asked("/?watch=1")), new AbortController().signal);
    const next = batches.next();
    await loop.server.close(1000);
    expect(await next).toMatchObject({ done: true });
    await expect(transport(asked("/"))).rejects.toThrow(ConnectionError);
    relay.turnTo((await serve(echo)).server.port);
    expect((await transport(asked("/"))).status).toBe(200);
  });

  it("is a ConnectionError when the server is cut off", async () => {
    const watch = fedWatch();
    const loop = await serve(() => Promise.resolve({ status: 200, headers: {}, body: { type: "watch", watch } }));
    const relay = await relayTo(loop.server.port);
    const transport = transportTo(`https://127.0.0.1:${relay.port}`, loop.pki.ca.certPem);
    const batches = watchBatches(await transport(asked("/?watch=1")), new AbortController().signal);
    watch.push(event("a"));
    await batches.next();
    const next = batches.next();
    relay.cut();
    await expect(next).rejects.toThrow(ConnectionError);
    // The next request takes a new connection.
    expect((await transport(asked("/?watch=1"))).status).toBe(200);
  });

  it("is a ConnectionError when nothing comes any more, not even an answer to a ping", async () => {
    const watch = fedWatch();
    const loop = await serve(() => Promise.resolve({ status: 200, headers: {}, body: { type: "watch", watch } }));
    const relay = await relayTo(loop.server.port);
    const limits = { quietMs: 30, pingMs: 60 };
    const transport = transportTo(`https://127.0.0.1:${relay.port}`, loop.pki.ca.certPem, { limits });
    const batches = watchBatches(await transport(asked("/?watch=1")), new AbortController().signal);
    const next = batches.next();
    // Pings alone keep it alive for many times as long as it may be quiet.
    await expect.poll(() => relay.passed, { timeout: 5000, interval: 10 }).toBeGreaterThan(15);
    watch.push(event("a"));
    expect(namesOf((await next).value ?? [])).toEqual(["a"]);
    relay.hold();
    await expect(batches.next()).rejects.toThrow("nothing came from it for 0.09 seconds");
  });
});

describe("a server that cannot be reached", () => {
  it("is a ConnectionError that says why", async () => {
    const listener = createServer().listen(0, "127.0.0.1");
    await once(listener, "listening");
    const port = portOf(listener);
    await new Promise((resolve) => listener.close(resolve));
    const transport = transportTo(`https://127.0.0.1:${port}`, (await serve(echo)).pki.ca.certPem);
    const refused = transport(asked("/"));
    await expect(refused).rejects.toThrow(ConnectionError);
    await expect(refused).rejects.toThrow(
      `cannot reach the server at https://127.0.0.1:${port}: connection refused: is it running, and is this its address?`,
    );
  });

  it("is one whose certificate is not trusted, unless any will do", async () => {
    const loop = await serve(echo);
    const other = (await serve(echo)).pki.ca.certPem;
    await expect(toLoop(loop, { caPem: other })(asked("/"))).rejects.toThrow("signed by an unknown authority");
    expect((await toLoop(loop, { caPem: other, insecure: true })(asked("/"))).status).toBe(200);
  });

  it("is one whose certificate is for another name, unless that is the name asked for", async () => {
    const loop = await serve(echo);
    await expect(toLoop(loop, { serverName: "elsewhere.example" })(asked("/"))).rejects.toThrow("for another name");
    expect((await toLoop(loop, { serverName: "kubernetes.default.svc" })(asked("/"))).status).toBe(200);
  });

  it("is one that does not speak TLS", async () => {
    const plain = createServer((socket) => socket.resume().end("HTTP/1.1 400 Bad Request\r\n\r\n")).listen(
      0,
      "127.0.0.1",
    );
    await once(plain, "listening");
    opened.push({ [Symbol.asyncDispose]: () => new Promise((resolve) => plain.close(() => resolve())) });
    const transport = transportTo(`https://127.0.0.1:${portOf(plain)}`, "", { insecure: true });
    await expect(transport(asked("/"))).rejects.toThrow("it does not speak TLS");
  });

  it("is one that speaks HTTP/1.1 alone", async () => {
    const { serving } = (await serve(echo)).pki;
    const old = createHttps({ cert: serving.certPem, key: serving.keyPem }).listen(0, "127.0.0.1");
    await once(old, "listening");
    opened.push({ [Symbol.asyncDispose]: () => new Promise((resolve) => old.close(() => resolve())) });
    const transport = transportTo(`https://127.0.0.1:${portOf(old)}`, "", { insecure: true });
    await expect(transport(asked("/"))).rejects.toThrow("it does not speak HTTP/2");
  });

  it("is one that takes the connection and says nothing", async () => {
    const silent = createServer().listen(0, "127.0.0.1");
    await once(silent, "listening");
    const sockets: Socket[] = [];
    silent.on("connection", (socket) => sockets.push(socket));
    opened.push({
      [Symbol.asyncDispose]() {
        for (const socket of sockets) socket.destroy();
        return new Promise((resolve) => silent.close(() => resolve()));
      },
    });
    const transport = transportTo(`https://127.0.0.1:${portOf(silent)}`, "", {
      insecure: true,
      limits: { connectMs: 30 },
    });
    await expect(transport(asked("/"))).rejects.toThrow("connection timed out");
  });

  it("is told apart from certificates that cannot be read, and addresses that are none", async () => {
    const loop = await serve(echo);
    const transport = toLoop(loop, { clientCertificate: { certPem: "no", keyPem: "no" } });
    await expect(transport(asked("/"))).rejects.toThrow(
      `the certificates for https://127.0.0.1:${loop.server.port} cannot be read`,
    );
    expect(() => createHttpsTransport({ server: "http://127.0.0.1" })).toThrow("must begin with https://");
  });

  it("is one whose transport was disposed of", async () => {
    const loop = await serve(echo);
    const https = createHttpsTransport({ server: `https://127.0.0.1:${loop.server.port}`, caPem: loop.pki.ca.certPem });
    await https.transport(asked("/"));
    await https[Symbol.asyncDispose]();
    await expect(https.transport(asked("/"))).rejects.toThrow("the transport is closed");
  });
});

describe("a server of few words", () => {
  type Answer = (stream: ServerHttp2Stream, session: ServerHttp2Session, count: number) => void;
  async function bare(answer: Answer): Promise<{ transport: Transport; readonly count: number }> {
    const { serving } = (await serve(echo)).pki;
    const server = createSecureServer({ cert: serving.certPem, key: serving.keyPem });
    const sessions = new Set<ServerHttp2Session>();
    let count = 0;
    server.on("session", (session) => {
      sessions.add(session.on("error", () => undefined));
    });
    server.on("stream", (stream) => {
      count += 1;
      stream.on("error", () => undefined);
      if (stream.session !== undefined) answer(stream, stream.session as ServerHttp2Session, count);
    });
    await once(server.listen(0, "127.0.0.1"), "listening");
    opened.push({
      [Symbol.asyncDispose]() {
        for (const session of sessions) session.destroy();
        return new Promise((resolve) => server.close(() => resolve()));
      },
    });
    const transport = transportTo(`https://127.0.0.1:${portOf(server)}`, "", { insecure: true });
    return {
      transport,
      get count() {
        return count;
      },
    };
  }
  const ok = (stream: ServerHttp2Stream): void => {
    stream.respond({ ":status": 200 });
    stream.end("ok");
  };

  it("is asked again for what it refused, whatever it was", async () => {
    const server = await bare((stream, _session, count) => (count === 1 ? stream.close(0x7) : ok(stream)));
    const answer = await server.transport(asked("/", { method: "POST", body: Buffer.from("x") }));
    expect(await textOf(answer)).toBe("ok");
    expect(server.count).toBe(2);
  });

  it("is not asked for ever", async () => {
    const server = await bare((stream) => stream.close(0x7));
    await expect(server.transport(asked("/"))).rejects.toThrow(ConnectionError);
    expect(server.count).toBe(3);
  });

  it("is asked again on a new connection when an old one turns out dead, but for writes", async () => {
    const server = await bare((stream, session, count) => (count % 2 === 0 ? session.destroy() : ok(stream)));
    expect(await textOf(await server.transport(asked("/")))).toBe("ok");
    expect(await textOf(await server.transport(asked("/")))).toBe("ok");
    expect(server.count).toBe(3);
    await expect(server.transport(asked("/", { method: "POST" }))).rejects.toThrow(ConnectionError);
    expect(server.count).toBe(4);
  });

  it("goes away: what is open goes on, what is new takes another connection", async () => {
    const streams: ServerHttp2Stream[] = [];
    const seen = new Set<ServerHttp2Session>();
    const server = await bare((stream, session) => {
      seen.add(session);
      streams.push(stream);
      stream.respond({ ":status": 200 });
      stream.write(event("a"));
      if (streams.length === 1) session.close();
    });
    const { signal } = new AbortController();
    const first = watchBatches(await server.transport(asked("/?watch=1")), signal);
    expect(namesOf((await first.next()).value ?? [])).toEqual(["a"]);
    const second = watchBatches(await server.transport(asked("/?watch=1")), signal);
    expect(namesOf((await second.next()).value ?? [])).toEqual(["a"]);
    expect(seen.size).toBe(2);
    streams[0]?.end(event("b"));
    expect(namesOf((await first.next()).value ?? [])).toEqual(["b"]);
    expect(await first.next()).toMatchObject({ done: true });
  });

  it("breaks off in the middle of an answer", async () => {
    const server = await bare((stream) => {
      stream.respond({ ":status": 200, "content-length": 100 });
      stream.write("x", () => stream.close(0x8));
    });
    await expect(server.transport(asked("/"))).rejects.toThrow(ConnectionError);
  });
});

interface Relay {
  readonly port: number;
  /** Pieces that came from the server. */
  readonly passed: number;
  /** Ends all connections. */
  cut(): void;
  /** Keeps them, and passes nothing on. */
  hold(): void;
  /** New connections go there. */
  turnTo(port: number): void;
}

async function relayTo(first: number): Promise<Relay> {
  let target = first;
  let passed = 0;
  const sockets: Socket[] = [];
  const relay = createServer((near) => {
    const far = connect(target, "127.0.0.1");
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.push(from.on("error", () => undefined));
      from.on("data", (data) => {
        if (from === far) passed += 1;
        to.write(data);
      });
      from.on("close", () => to.destroy());
    }
  }).listen(0, "127.0.0.1");
  await once(relay, "listening");
  const cut = (): void => {
    for (const socket of sockets.splice(0)) socket.destroy();
  };
  opened.push({
    [Symbol.asyncDispose]() {
      cut();
      return new Promise((resolve) => relay.close(() => resolve()));
    },
  });
  return {
    port: portOf(relay),
    get passed() {
      return passed;
    },
    cut,
    hold() {
      for (const socket of sockets) socket.pause();
    },
    turnTo(port) {
      target = port;
    },
  };
}

function portOf(server: Pick<Server, "address">): number {
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  return address.port;
}
