import { constants } from "node:crypto";
import { createSecureServer, type Http2SecureServer, type ServerHttp2Session } from "node:http2";
import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import type { SecureContextOptions } from "node:tls";
import type { ApiRequest, ApiResponse } from "../../api/wire.ts";
import { answerClientError } from "./client-error.ts";
import { createDraining } from "./draining.ts";
import { guardSession } from "./guard-session.ts";
import type { HttpLog } from "./http-log.ts";
import { defaultLimits, type HttpLimits, lingerMs } from "./limits.ts";
import { createPeers } from "./peer.ts";
import { createExchanges, type OpenExchanges } from "./serve-exchange.ts";
import { createShell, type Shell } from "./shell.ts";

export interface TlsMaterial {
  readonly certPem: string;
  readonly keyPem: string;
  /** Client certificates are checked against it. */
  readonly clientCaPem: string;
}

export interface ListenOptions {
  /** 0: any free one. */
  readonly port: number;
  readonly host: string;
  readonly tls: TlsMaterial;
  readonly handle: (request: ApiRequest) => Promise<ApiResponse>;
  readonly log: HttpLog;
  readonly limits?: Partial<HttpLimits>;
}

export interface HttpServer {
  readonly port: number;
  readonly address: string;
  /** New connections get this certificate; open ones stay. */
  renew(tls: TlsMaterial): void;
  /** Accepts no more, ends watches, lets requests finish for so long, then cuts. */
  close(graceMs: number): Promise<void>;
}

/** One port that speaks HTTP/2 and HTTP/1.1 over TLS. Resolves when it listens. */
export async function listen(options: ListenOptions): Promise<HttpServer> {
  const { log } = options;
  const limits = { ...defaultLimits, ...options.limits };
  const draining = createDraining();
  const peerOf = createPeers();
  const exchanges = createExchanges({ handle: options.handle, peerOf, limits, draining, log });
  const server = createServer(createShell(exchanges.serve), options.tls, limits);
  const connections = track(server, limits, log);
  server.on("clientError", (error: NodeJS.ErrnoException, socket: Duplex) => {
    log.debug("a request was malformed", { error });
    if (exchanges.answeringOn(socket)) socket.destroy();
    else answerClientError(error, socket, lingerMs);
  });
  server.on("upgrade", exchanges.upgrade);
  const { port, address } = await bound(server, options);
  server.on("error", (error) => log.error("the listener failed", { error }));
  return {
    port,
    address,
    renew: (tls) => server.setSecureContext(secureContext(tls)),
    async close(graceMs) {
      draining.start();
      await closeServer(server, { connections, exchanges, graceMs });
    },
  };
}

/** All with forward secrecy and authenticated encryption. https://wiki.mozilla.org/Security/Server_Side_TLS */
const ciphers = [
  ...["TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256"],
  ...["AES128-GCM-SHA256", "AES256-GCM-SHA384", "CHACHA20-POLY1305"].flatMap((name) => [
    `ECDHE-ECDSA-${name}`,
    `ECDHE-RSA-${name}`,
  ]),
].join(":");

function createServer(shell: Shell, tls: TlsMaterial, limits: HttpLimits): Http2SecureServer {
  const server = createSecureServer(
    {
      ...shell.constructors,
      ...secureContext(tls),
      allowHTTP1: true,
      requestCert: true,
      rejectUnauthorized: false,
      handshakeTimeout: limits.handshakeMs,
      // Not the default here: without it HTTP/1.1 watch events wait for the client's delayed acknowledgement.
      noDelay: true,
      // Finds clients that vanished from a silent watch.
      keepAlive: true,
      keepAliveInitialDelay: 30_000,
      // In MB. Parallel large lists on one connection are refused at the default of 10.
      maxSessionMemory: 1000,
      settings: {
        initialWindowSize: 262_144,
        maxConcurrentStreams: limits.concurrentStreams,
        maxHeaderListSize: limits.headerBytes,
      },
    },
    shell.listener,
  );
  server.maxConnections = limits.connections;
  // What the HTTP/1.1 side reads from its server; an HTTP/2 server has no options for it.
  return Object.assign(server, {
    keepAliveTimeout: limits.idleMs,
    headersTimeout: limits.headersMs,
    requestTimeout: limits.requestMs,
    connectionsCheckingInterval: Math.min(5_000, limits.headersMs),
    maxHeaderSize: limits.headerBytes,
  });
}

/** All of it each time: what a new context does not say goes back to Node's defaults. */
const secureContext = (tls: TlsMaterial): SecureContextOptions => ({
  cert: tls.certPem,
  key: tls.keyPem,
  ca: tls.clientCaPem,
  minVersion: "TLSv1.2",
  ciphers,
  // A renegotiation could change who the client is; that is looked at once per connection.
  // A session that is resumed by a ticket has lost the intermediate authorities that the client sent.
  secureOptions: constants.SSL_OP_NO_RENEGOTIATION | constants.SSL_OP_NO_TICKET,
});

interface Connections {
  readonly sockets: ReadonlySet<Socket>;
  readonly sessions: ReadonlySet<ServerHttp2Session>;
}

/** All that is open, in any state of its life. */
function track(server: Http2SecureServer, limits: HttpLimits, log: HttpLog): Connections {
  const sockets = new Set<Socket>();
  const sessions = new Set<ServerHttp2Session>();
  const add = (socket: Socket): void => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
  };
  server.on("connection", add);
  server.on("secureConnection", add);
  server.on("session", (session) => {
    sessions.add(session);
    session.once("close", () => sessions.delete(session));
    guardSession(session, limits, log);
  });
  server.on("sessionError", (error) => log.debug("an HTTP/2 session failed", { error }));
  server.on("tlsClientError", (error) => log.debug("a TLS handshake failed", { error }));
  server.on("drop", (dropped) => log.debug("a connection over the limit was dropped", { ...dropped }));
  return { sockets, sessions };
}

function bound(server: Http2SecureServer, { host, port }: ListenOptions): Promise<{ port: number; address: string }> {
  return new Promise((resolve, reject) => {
    server.once("error", (cause: NodeJS.ErrnoException) => reject(new Error(whyNot(cause, host, port), { cause })));
    server.listen({ host, port }, () => {
      server.removeAllListeners("error");
      const address = server.address();
      if (address === null || typeof address === "string") reject(new Error("the listener has no port"));
      else resolve({ port: address.port, address: address.address });
    });
  });
}

function whyNot(error: NodeJS.ErrnoException, host: string, port: number): string {
  switch (error.code) {
    case "EADDRINUSE":
      return `port ${port} on ${host} is in use; stop what listens there or choose another port`;
    case "EACCES":
      return `port ${port} on ${host} needs more rights; choose a port above 1023`;
    case "EADDRNOTAVAIL":
    case "ENOTFOUND":
      return `${host} is not an address of this machine; choose another one to listen on`;
    default:
      return `port ${port} on ${host} cannot be listened on: ${error.message}`;
  }
}

interface Closing {
  readonly connections: Connections;
  readonly exchanges: OpenExchanges;
  readonly graceMs: number;
}

async function closeServer(server: Http2SecureServer, { connections, exchanges, graceMs }: Closing): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  for (const session of connections.sessions) session.close();
  // HTTP/1.1 connections that were kept alive; @types/node does not know the method on this server.
  const drained = exchanges.idle().then(() => {
    if ("closeIdleConnections" in server && typeof server.closeIdleConnections === "function")
      server.closeIdleConnections();
  });
  await within(graceMs, Promise.all([drained, closed]));
  exchanges.abort();
  for (const socket of connections.sockets) socket.destroy();
  await closed;
}

async function within(milliseconds: number, work: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const over = new Promise((resolve) => (timer = setTimeout(resolve, milliseconds)));
  await Promise.race([work, over]);
  clearTimeout(timer);
}
