import { once } from "node:events";
import { createServer, type Server } from "node:https";
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import { createCertificateAuthority, issueCertificate } from "../../certs/issue-certificate.ts";
import type { Credential } from "../../certs/credential.ts";

export interface Received {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  /** Of the client's certificate. */
  readonly clientName: string | undefined;
}

export interface Reply {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** JSON unless it is text. */
  readonly body?: object | string | Uint8Array;
}

/** A real HTTPS server that answers as a test says: late, wrongly, or never. */
export interface TestServer extends AsyncDisposable {
  readonly port: number;
  readonly url: string;
  readonly caBundle: string;
  readonly received: readonly Received[];
  /** TLS connections so far. */
  readonly connections: number;
  /** Open ones. */
  readonly open: number;
  answer(how: Answering): void;
  onUpgrade(take: (request: IncomingMessage, socket: Duplex, head: Buffer) => void): void;
  cutConnections(): void;
}

/** "never" leaves the client waiting; a function with the raw response may do worse. */
export type Answering = (request: Received, response: ServerResponse) => Reply | Promise<Reply> | "handled";

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
/** Made once: keys take time. */
const authority: Credential = createCertificateAuthority({
  commonName: "webhook tests",
  now: new Date(Date.now() - dayMs),
  lifetimeMs: 2 * dayMs,
});
const otherAuthority = (): Credential =>
  createCertificateAuthority({ commonName: "somebody else", now: new Date(), lifetimeMs: dayMs });

export interface TestServerOptions {
  /** Names in the certificate; those of a service and of the loopback address by default. */
  readonly names?: readonly string[];
  readonly expired?: boolean;
  /** The loopback address by default. */
  readonly host?: string;
  /** Client certificates of this authority are asked for. */
  readonly clientCaPem?: string;
}

export const trustedCa: string = Buffer.from(authority.certPem).toString("base64");
export const untrustedCa = (): string => Buffer.from(otherAuthority().certPem).toString("base64");

export async function startHttps(how: Answering, options: TestServerOptions = {}): Promise<TestServer> {
  const names = options.names ?? ["hook.default.svc", "localhost", "127.0.0.1"];
  const { certPem, keyPem } = issueCertificate({
    authority,
    subject: { commonName: "test", organizations: [] },
    usage: "server",
    names,
    now: new Date(Date.now() - (options.expired === true ? hourMs : 0)),
    lifetimeMs: hourMs / 2,
  });
  const received: Received[] = [];
  let answering = how;
  const server = createServer(
    {
      cert: certPem,
      key: keyPem,
      ...(options.clientCaPem === undefined
        ? {}
        : { ca: options.clientCaPem, requestCert: true, rejectUnauthorized: false }),
    },
    (request, response) => {
      void answerTo(request, response, { received, answering: () => answering });
    },
  );
  let connections = 0;
  const open = new Set<Duplex>();
  server.on("secureConnection", (socket) => {
    connections += 1;
    open.add(socket);
    socket.once("close", () => open.delete(socket));
    socket.on("error", () => undefined);
  });
  const port = await listening(server, options.host ?? "127.0.0.1");
  const cutConnections = (): void => {
    for (const socket of open) socket.destroy();
  };
  return {
    port,
    url: `https://127.0.0.1:${port}`,
    caBundle: trustedCa,
    received,
    get connections() {
      return connections;
    },
    get open() {
      return open.size;
    },
    answer(next) {
      answering = next;
    },
    onUpgrade(take) {
      server.on("upgrade", take);
    },
    cutConnections,
    async [Symbol.asyncDispose]() {
      const closed = once(server, "close");
      server.close();
      cutConnections();
      await closed;
    },
  };
}

async function listening(server: Server, host: string): Promise<number> {
  server.listen(0, host);
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  return address.port;
}

async function answerTo(
  request: IncomingMessage,
  response: ServerResponse,
  { received, answering }: { readonly received: Received[]; readonly answering: () => Answering },
): Promise<void> {
  const pieces: Buffer[] = [];
  try {
    for await (const piece of request as AsyncIterable<Buffer>) pieces.push(piece);
  } catch {
    return; // the client went away in the middle of its body
  }
  const certificate = "getPeerCertificate" in request.socket ? peerName(request.socket) : undefined;
  const seen: Received = {
    method: request.method ?? "",
    url: request.url ?? "",
    headers: request.headers,
    body: Buffer.concat(pieces),
    clientName: certificate,
  };
  received.push(seen);
  const reply = await answering()(seen, response);
  if (reply === "handled") return;
  const { status = 200, headers = {}, body = {} } = reply;
  response.writeHead(status, { "content-type": "application/json", ...headers });
  response.end(body instanceof Uint8Array || typeof body === "string" ? body : JSON.stringify(body));
}

function peerName(socket: object): string | undefined {
  const { getPeerCertificate } = socket as { getPeerCertificate(): { subject?: { CN?: string } } };
  return Reflect.apply(getPeerCertificate, socket, []).subject?.CN;
}
