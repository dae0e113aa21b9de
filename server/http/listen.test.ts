import { once } from "node:events";
import { createServer } from "node:net";
import { connect as tlsConnect, type ConnectionOptions } from "node:tls";
import { X509Certificate } from "node:crypto";
import { describe, expect, it } from "vitest";
import type { ApiRequest, ApiResponse } from "../../api/wire.ts";
import { createPki } from "../../certs/ensure-pki.ts";
import { listen } from "./listen.ts";
import { answerOf, answerOfStream, bytes, fedWatch, http2Frames, joined, loopback } from "./loopback.testing.ts";

/** Answers with what it was asked. */
async function echo(request: ApiRequest): Promise<ApiResponse> {
  const { method, url, headers, headerValues, peer, body } = request;
  const text = body === undefined ? null : String(body instanceof Uint8Array ? body : await joined(body));
  return bytes(JSON.stringify({ method, url, headers, two: headerValues?.("x-two"), peer, body: text }), {
    "content-type": "application/json",
  });
}

const seen = (
  body: Buffer,
): {
  method: string;
  url: string;
  headers: Record<string, string>;
  two: string[];
  peer: { address: string; certificate?: { bytes: { data: number[] }; intermediates: unknown[]; verified: boolean } };
  body: string;
} => JSON.parse(body.toString());

/** The subject of the certificate that a handler was shown. */
const subjectIn = (body: Buffer): string | undefined => {
  const { certificate } = seen(body).peer;
  return certificate && new X509Certificate(Buffer.from(certificate.bytes.data)).subject;
};

describe("requests over HTTP/1.1", () => {
  it("reach the handler with method, path, headers and body", async () => {
    await using loop = await loopback(echo);
    const request = loop.http1("/api/v1/pods?limit=5", { method: "POST", headers: { "X-Two": ["a", "b"] } });
    request.write("hello ");
    request.write("world");
    const answer = await answerOf(request);
    expect(answer.status).toBe(200);
    expect(answer.headers["x-powered-by"]).toBeUndefined();
    const { headers, two, ...rest } = seen(answer.body);
    expect(rest).toMatchObject({ method: "POST", url: "/api/v1/pods?limit=5", body: "hello world" });
    expect(headers).toMatchObject({ host: `127.0.0.1:${loop.server.port}`, "x-two": "a, b" });
    expect(two).toEqual(["a", "b"]);
  });

  it("have no body when the client sent none", async () => {
    await using loop = await loopback(echo);
    expect(seen((await answerOf(loop.http1("/"))).body).body).toBeNull();
  });

  it("may name the whole URL, as to a proxy", async () => {
    await using loop = await loopback(echo);
    expect(seen((await answerOf(loop.http1("https://elsewhere/api?x=1"))).body).url).toBe("/api?x=1");
  });

  it("get headers but no body for HEAD", async () => {
    await using loop = await loopback(echo);
    const answer = await answerOf(loop.http1("/", { method: "HEAD" }));
    expect(Number(answer.headers["content-length"])).toBeGreaterThan(0);
    expect(answer.body).toHaveLength(0);
  });

  it("keep an idle connection for longer than the pools of the usual clients", async () => {
    await using loop = await loopback(echo);
    const answer = await answerOf(loop.http1("/", { headers: { connection: "keep-alive" } }));
    expect(answer.headers["keep-alive"]).toBe("timeout=200");
  });
});

describe("requests over HTTP/2", () => {
  it("reach the handler with method, path, headers and body, the authority as host", async () => {
    await using loop = await loopback(echo);
    const session = loop.http2();
    const stream = session.request({ ":method": "POST", ":path": "/api?watch=1", "x-one": "1" });
    stream.end("hello");
    const answer = await answerOfStream(stream);
    const { headers, ...rest } = seen(answer.body);
    expect(answer.status).toBe(200);
    expect(rest).toMatchObject({ method: "POST", url: "/api?watch=1", body: "hello" });
    expect(headers).toMatchObject({ host: `127.0.0.1:${loop.server.port}`, "x-one": "1" });
    expect(Object.keys(headers).filter((name) => name.startsWith(":"))).toEqual([]);
    session.close();
  });

  it("send repeated response headers apart", async () => {
    await using loop = await loopback(() => Promise.resolve(bytes("", { warning: ['299 - "a"', '299 - "b"'] })));
    const session = loop.http2();
    expect((await answerOfStream(session.request())).headers["warning"]).toBe('299 - "a", 299 - "b"');
    expect((await answerOf(loop.http1("/"))).headers.warning).toBe('299 - "a", 299 - "b"');
    session.close();
  });

  it("run in parallel beyond what one window holds", async () => {
    const large = Buffer.alloc(1_000_000, "x");
    await using loop = await loopback(async ({ body }) => {
      const size = body === undefined || body instanceof Uint8Array ? 0 : (await joined(body)).length;
      return { status: size === 1_000_000 ? 201 : 500, headers: {}, body: { type: "bytes", bytes: large } };
    });
    const session = loop.http2();
    const answers = await Promise.all(
      Array.from({ length: 40 }, () => {
        const stream = session.request({ ":method": "POST" });
        stream.end(large);
        return answerOfStream(stream);
      }),
    );
    expect(answers.map(({ status, body }) => [status, body.length])).toEqual(answers.map(() => [201, 1_000_000]));
    session.close();
  });
});

describe("client certificates", () => {
  it("are shown to the handler with their subject, on both protocols", async () => {
    await using loop = await loopback(echo);
    const { certPem: cert, keyPem: key } = loop.pki.clients.admin;
    const session = loop.http2({ cert, key });
    const bodies = [
      (await answerOf(loop.http1("/", { cert, key }))).body,
      (await answerOfStream(session.request())).body,
      (await answerOfStream(session.request())).body,
    ];
    for (const body of bodies) {
      expect(seen(body).peer).toMatchObject({ address: "127.0.0.1", certificate: { verified: true } });
      expect(subjectIn(body)).toBe("O=system:masters\nCN=kubernetes-admin");
    }
    session.close();
  });

  it("of another authority are passed on as not verified", async () => {
    await using loop = await loopback(echo);
    const { certPem: cert, keyPem: key } = (await createPki({ serviceAddress: "10.96.0.1" })).clients.admin;
    const { body } = await answerOf(loop.http1("/", { cert, key }));
    expect(subjectIn(body)).toContain("CN=kubernetes-admin");
    expect(seen(body).peer).toMatchObject({ certificate: { verified: false } });
  });

  it("of a server do not pass as a client's", async () => {
    await using loop = await loopback(echo);
    const { certPem: cert, keyPem: key } = loop.pki.serving;
    const { peer } = seen((await answerOf(loop.http1("/", { cert, key }))).body);
    expect(peer).toMatchObject({ certificate: { verified: false } });
  });

  it.each([true, false])("are asked for by each connection, whether there is one: %s", async (isShown) => {
    await using loop = await loopback(echo);
    const { certPem: cert, keyPem: key } = loop.pki.clients.admin;
    const own = isShown ? { cert: cert + loop.pki.ca.certPem, key } : {};
    const first = await loop.tls("http/1.1", own);
    const [session]: Buffer[] = await once(first, "session");
    const second = await loop.tls("http/1.1", { ...own, ...(session === undefined ? {} : { session }) });
    // A session that is taken up again has lost the certificates that came with the client's.
    expect(second.isSessionReused()).toBe(false);
    for (const socket of [first, second]) {
      socket.write("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
      const [, body = ""] = (await joined(socket)).toString().split("\r\n\r\n");
      expect(seen(Buffer.from(body)).peer.certificate?.intermediates.length).toBe(isShown ? 1 : undefined);
    }
  });
});

describe("a handler that fails", () => {
  it("is answered with a bare Status", async () => {
    await using loop = await loopback(() => Promise.reject(new Error("the secret is 42")));
    const answer = await answerOf(loop.http1("/"));
    expect(answer.status).toBe(500);
    expect(JSON.parse(answer.body.toString())).toMatchObject({ kind: "Status", reason: "InternalError", code: 500 });
    expect(answer.body.toString()).not.toContain("42");
    expect(loop.errors).toHaveLength(1);
  });

  it("halfway through an answer makes the client see that something is missing", async () => {
    async function* broken(): AsyncGenerator<Uint8Array> {
      yield Buffer.alloc(200_000, "x");
      await Promise.reject(new Error("broken"));
    }
    await using loop = await loopback(() =>
      Promise.resolve({ status: 200, headers: {}, body: { type: "chunks", chunks: broken() } }),
    );
    await expect(answerOf(loop.http1("/"))).rejects.toThrow("aborted");
    const session = loop.http2();
    await expect(answerOfStream(session.request())).rejects.toThrow("NGHTTP2_INTERNAL_ERROR");
    session.close();
  });
});

describe("bodies", () => {
  it("that break off reach the reader as an error, on both protocols", async () => {
    const outcomes: string[] = [];
    let breakOff: () => void = () => undefined;
    let done: () => void = () => undefined;
    await using loop = await loopback(async ({ body }) => {
      try {
        if (body !== undefined && !(body instanceof Uint8Array)) for await (const _piece of body) breakOff();
        outcomes.push("whole");
      } catch {
        outcomes.push("cut off");
      }
      done();
      return bytes("");
    });
    const attempt = (send: () => void): Promise<void> =>
      new Promise((resolve) => {
        done = resolve;
        send();
      });

    const http1 = await loop.tls();
    breakOff = () => http1.destroy();
    await attempt(() => http1.write("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\npart"));

    const lost = await loop.tls("h2");
    breakOff = () => lost.destroy();
    await attempt(() =>
      lost.write(Buffer.concat([http2Frames.start, http2Frames.post(1), http2Frames.data(1, "part")])),
    );

    const reset = await loop.tls("h2");
    breakOff = () => reset.write(http2Frames.cancel(1));
    await attempt(() =>
      reset.write(Buffer.concat([http2Frames.start, http2Frames.post(1), http2Frames.data(1, "part")])),
    );
    reset.destroy();
    expect(outcomes).toEqual(["cut off", "cut off", "cut off"]);
  });

  it("that are too long can be refused before they end, on both protocols", async () => {
    await using loop = await loopback(async ({ body }) => {
      let size = 0;
      if (body !== undefined && !(body instanceof Uint8Array)) {
        for await (const piece of body) if ((size += piece.length) > 100_000) break;
      }
      return { ...bytes("too large"), status: 413 };
    });
    const request = loop.http1("/", { method: "POST" });
    request.write(Buffer.alloc(2_000_000));
    const answer = await answerOf(request);
    expect([answer.status, answer.body.toString()]).toEqual([413, "too large"]);

    const session = loop.http2();
    const stream = session.request({ ":method": "POST" });
    stream.end(Buffer.alloc(2_000_000));
    expect((await answerOfStream(stream)).status).toBe(413);
    expect((await answerOfStream(session.request())).status).toBe(413);
    session.close();
  });

  it("that do not come in time are cut", async () => {
    let failed: (thrown: unknown) => void = () => undefined;
    const failure = new Promise((resolve) => (failed = resolve));
    await using loop = await loopback(
      async ({ body }) => {
        if (body !== undefined && !(body instanceof Uint8Array)) await joined(body).catch(failed);
        return bytes("");
      },
      { requestMs: 100 },
    );
    const session = loop.http2();
    const stream = session.request({ ":method": "POST" });
    stream.on("error", () => undefined).write("part");
    await expect(failure).resolves.toBeInstanceOf(Error);
    session.destroy();
  });
});

describe("clients that misbehave", () => {
  it("get 431 for oversized HTTP/1.1 headers, and others go on", async () => {
    await using loop = await loopback(echo);
    const answer = await answerOf(loop.http1("/", { headers: { big: "x".repeat(70_000) } }));
    expect(answer.status).toBe(431);
    expect((await answerOf(loop.http1("/", { headers: { big: "x".repeat(60_000) } }))).status).toBe(200);
  });

  it("are refused for oversized HTTP/2 headers, and others go on", async () => {
    await using loop = await loopback(echo);
    const session = loop.http2();
    await once(session, "remoteSettings");
    const big = Object.fromEntries(Array.from({ length: 10 }, (_, index) => [`big-${index}`, "x".repeat(12_000)]));
    await expect(answerOfStream(session.request(big))).rejects.toThrow();
    session.destroy();
    const other = loop.http2();
    expect((await answerOfStream(other.request())).status).toBe(200);
    other.close();
  });

  it("are cut when their headers do not end", async () => {
    await using loop = await loopback(echo, { headersMs: 100 });
    const socket = await loop.tls();
    socket.write("GET / HTTP/1.1\r\nHost: x\r\nX-Slow: ");
    const [piece]: Buffer[] = await once(socket, "data");
    expect(piece?.toString()).toContain("408 Request Timeout");
    await once(socket, "close");
  });

  it("are cut when they say nothing after connecting", async () => {
    await using loop = await loopback(echo, { headersMs: 100 });
    const socket = await loop.tls();
    socket.resume();
    await once(socket, "close");
  });

  it("are cut when their HTTP/2 session lies idle", async () => {
    await using loop = await loopback(echo, { idleMs: 100 });
    const session = loop.http2();
    await once(session, "close");
  });

  it("get 400 for what is not HTTP", async () => {
    await using loop = await loopback(echo);
    const socket = await loop.tls();
    socket.write("what is this\r\n\r\n");
    const [piece]: Buffer[] = await once(socket, "data");
    expect(piece?.toString()).toContain("400 Bad Request");
    socket.destroy();
  });
});

describe("a handshake", () => {
  const attempt = async (port: number, options: ConnectionOptions): Promise<string> => {
    const socket = tlsConnect({ port, host: "127.0.0.1", rejectUnauthorized: false, ...options });
    try {
      await once(socket, "secureConnect");
      return `${socket.getProtocol() ?? ""} ${socket.getCipher().name}`;
    } catch (thrown) {
      return thrown instanceof Error && "code" in thrown ? String(thrown.code) : "";
    } finally {
      socket.destroy();
    }
  };

  it.each<[string, ConnectionOptions, RegExp]>([
    ["by TLS 1.3 is usual", {}, /^TLSv1\.3 TLS_AES_/],
    ["by TLS 1.2 is accepted", { maxVersion: "TLSv1.2" }, /^TLSv1\.2 ECDHE-ECDSA-.*(?:GCM|POLY1305)/],
    [
      "by TLS 1.1 is refused",
      { minVersion: "TLSv1", maxVersion: "TLSv1.1", ciphers: "DEFAULT@SECLEVEL=0" },
      /ALERT_PROTOCOL_VERSION|UNSUPPORTED_PROTOCOL/,
    ],
    [
      "with a cipher of old is refused",
      { maxVersion: "TLSv1.2", ciphers: "ECDHE-ECDSA-AES128-SHA:ECDHE-ECDSA-AES256-SHA384" },
      /HANDSHAKE_FAILURE/,
    ],
  ])("%s", async (_, options, expected) => {
    await using loop = await loopback(echo);
    expect(await attempt(loop.server.port, options)).toMatch(expected);
  });
});

describe("an upgrade", () => {
  const request = "GET /x HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: echo/1\r\n\r\n";
  /** Answers with a tunnel whose far end says everything again, in upper case. */
  const shout = async ({ upgrade = "" }: ApiRequest): Promise<ApiResponse> => ({
    status: 101,
    headers: { connection: "Upgrade", upgrade },
    body: {
      type: "tunnel",
      tunnel: {
        join(client) {
          client.on("data", (bytes: Buffer) => client.write(bytes.toString().toUpperCase()));
        },
        abandon: () => undefined,
      },
    },
  });

  it("that nobody takes is answered as an ordinary request, and the connection ends", async () => {
    await using loop = await loopback(echo);
    const socket = await loop.tls();
    const ended = joined(socket);
    socket.write(request);
    const answer = (await ended).toString();
    expect(answer).toContain("HTTP/1.1 200 OK");
    expect(answer.toLowerCase()).toContain("connection: close");
    socket.destroy();
  });

  it("hands the connection over, with what came after the headers", async () => {
    await using loop = await loopback((asked) => shout(asked));
    const socket = await loop.tls();
    socket.write(`${request}early`);
    let heard = "";
    for await (const piece of socket as AsyncIterable<Buffer>) {
      heard += piece.toString();
      if (heard.endsWith("EARLY")) socket.write("late");
      if (heard.endsWith("LATE")) break;
    }
    expect(heard).toBe("HTTP/1.1 101 Switching Protocols\r\nconnection: Upgrade\r\nupgrade: echo/1\r\n\r\nEARLYLATE");
  });

  it("ends with the server", async () => {
    const loop = await loopback((asked) => shout(asked));
    const socket = await loop.tls();
    socket.write(request);
    await once(socket, "data");
    const gone = once(socket, "close");
    await loop.server.close(60_000);
    await gone;
  });

  it("that fails is answered, and leaves no connection", async () => {
    await using loop = await loopback(() => Promise.reject(new Error("oh")));
    const socket = await loop.tls();
    const ended = joined(socket);
    socket.write(request);
    expect((await ended).toString()).toContain("HTTP/1.1 500 Internal Server Error");
    expect(loop.errors).toEqual(["an upgrade could not be answered"]);
  });

  it("may not have a body", async () => {
    await using loop = await loopback((asked) => shout(asked));
    const socket = await loop.tls();
    const ended = joined(socket);
    socket.write(request.replace("Host", "Content-Length: 3\r\nHost"));
    expect((await ended).toString()).toContain("a request with a body cannot be upgraded");
  });

  it("is abandoned when the client is gone before", async () => {
    let answerIt: (response: ApiResponse) => void = () => undefined;
    let arrived: (asked: ApiRequest) => void = () => undefined;
    const seen = new Promise<ApiRequest>((resolve) => (arrived = resolve));
    await using loop = await loopback((asked) => {
      arrived(asked);
      return new Promise((resolve) => (answerIt = resolve));
    });
    const socket = await loop.tls();
    socket.write(request);
    const { signal } = await seen;
    const gone = once(signal, "abort");
    socket.destroy();
    await gone;
    const abandoned = new Promise<void>((resolve) => {
      const tunnel = { join: () => undefined, abandon: resolve };
      answerIt({ status: 101, headers: {}, body: { type: "tunnel", tunnel } });
    });
    await abandoned;
  });

  it("is no matter for HTTP/2, nor for who did not ask", async () => {
    await using loop = await loopback((asked) => shout(asked));
    expect((await answerOf(loop.http1("/x"))).status).toBe(500);
  });
});

describe("closing", () => {
  it("lets open requests finish, ends watches and accepts no more", async () => {
    let answerIt: (response: ApiResponse) => void = () => undefined;
    let arrived: () => void = () => undefined;
    const both = new Promise<void>((resolve) => (arrived = resolve));
    const watch = fedWatch();
    const loop = await loopback(({ url }) => {
      if (url === "/watch") return Promise.resolve({ status: 200, headers: {}, body: { type: "watch", watch } });
      arrived();
      return new Promise((resolve) => (answerIt = resolve));
    });
    const session = loop.http2();
    const stream = session.request({ ":path": "/watch" });
    await once(stream, "response");
    const slow = answerOf(loop.http1("/slow", { headers: { connection: "keep-alive" } }));
    await both;

    const closed = loop.server.close(60_000);
    await watch.closed;
    expect(await joined(stream)).toHaveLength(0);
    const refused = loop.http1("/");
    await expect(once(refused.end(), "response")).rejects.toThrow("ECONNREFUSED");
    answerIt(bytes("done"));
    expect((await slow).body.toString()).toBe("done");
    expect((await slow).headers.connection).toBe("close");
    await closed;
  });

  it("cuts what has not finished after the grace period, and tells the handler", async () => {
    let aborted: () => void = () => undefined;
    const told = new Promise<void>((resolve) => (aborted = resolve));
    let arrived: () => void = () => undefined;
    const reached = new Promise<void>((resolve) => (arrived = resolve));
    const loop = await loopback(({ signal }) => {
      signal.addEventListener("abort", aborted);
      arrived();
      return new Promise(() => undefined);
    });
    const hanging = answerOf(loop.http1("/"));
    const outcome = expect(hanging).rejects.toThrow("hang up");
    await reached;
    await loop.server.close(50);
    await told;
    await outcome;
  });

  it("does not wait for clients that only connected", async () => {
    const loop = await loopback(echo);
    const tls = await loop.tls();
    const session = loop.http2();
    await once(session, "remoteSettings");
    await loop.server.close(200);
    expect(tls.destroyed || (await once(tls.resume(), "close")).length >= 0).toBe(true);
  });
});

describe("listening", () => {
  it("says in one line when the port is taken", async () => {
    const other = createServer().listen(0, "127.0.0.1");
    await once(other, "listening");
    const address = other.address();
    const port = typeof address === "object" && address !== null ? address.port : 0;
    const pki = await createPki({ serviceAddress: "10.96.0.1" });
    const nothing = (): void => undefined;
    const started = listen({
      port,
      host: "127.0.0.1",
      tls: { ...pki.serving, clientCaPem: pki.ca.certPem },
      handle: echo,
      log: { debug: nothing, warn: nothing, error: nothing },
    });
    await expect(started).rejects.toThrow(`port ${port} on 127.0.0.1 is in use`);
    other.close();
  });

  it("knows other clients, and speaks TLS as before, when its authorities are renewed", async () => {
    await using loop = await loopback(echo);
    const other = await createPki({ serviceAddress: "10.96.0.1" });
    const { certPem: cert, keyPem: key } = other.clients.admin;
    const certificate = async (): Promise<unknown> =>
      seen((await answerOf(loop.http1("/", { cert, key }))).body).peer.certificate;
    expect(await certificate()).toMatchObject({ verified: false });
    loop.server.renew({ ...loop.pki.serving, clientCaPem: loop.pki.ca.certPem + other.ca.certPem });
    expect(await certificate()).toMatchObject({ verified: true });
    const first = await loop.tls();
    const [session]: Buffer[] = await once(first, "session");
    const second = await loop.tls("http/1.1", session === undefined ? {} : { session });
    expect(second.isSessionReused()).toBe(false);
    for (const socket of [first, second]) socket.destroy();
    const old = tlsConnect({
      host: "127.0.0.1",
      port: loop.server.port,
      ca: loop.pki.ca.certPem,
      maxVersion: "TLSv1.1",
    });
    await expect(once(old, "secureConnect")).rejects.toThrow();
  });

  it("serves a renewed certificate to new connections", async () => {
    await using loop = await loopback(echo);
    const renewed = await createPki({ serviceAddress: "10.96.0.1" });
    loop.server.renew({ ...renewed.serving, clientCaPem: renewed.ca.certPem });
    const socket = tlsConnect({ host: "127.0.0.1", port: loop.server.port, ca: renewed.ca.certPem });
    await once(socket, "secureConnect");
    expect(socket.getPeerX509Certificate()?.serialNumber).toBe(
      new X509Certificate(renewed.serving.certPem).serialNumber,
    );
    socket.destroy();
  });
});
