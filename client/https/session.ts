import { type ClientHttp2Session, type ClientHttp2Stream, connect, type OutgoingHttpHeaders } from "node:http2";
import { isIP } from "node:net";
import type { Clock } from "../../base/clock.ts";
import type { ClientCertificate, HttpsLimits, HttpsTransportOptions } from "./options.ts";

/** Per stream, and for all together: Node's 64 KiB starve parallel answers. What a slow reader may leave in memory. */
const streamWindowBytes = 262_144;
const sessionWindowBytes = 25 * streamWindowBytes;
/** What servers grant at least, until this one has said. */
const presumedStreams = 100;

export interface SessionParts {
  readonly url: URL;
  readonly options: HttpsTransportOptions;
  readonly limits: HttpsLimits;
  readonly timers: Clock;
  readonly certificate: ClientCertificate | undefined;
}

/** One HTTP/2 connection, from its beginning to whatever ends it. */
export class Session {
  readonly certificate: ClientCertificate | undefined;
  readonly #http2: ClientHttp2Session;
  readonly #limits: HttpsLimits;
  readonly #timers: Clock;
  #open = 0;
  #isConnected = false;
  #failure: Error | undefined;
  #cancelTimer: () => void;
  #received = 0;

  constructor(parts: SessionParts) {
    this.certificate = parts.certificate;
    this.#limits = parts.limits;
    this.#timers = parts.timers;
    this.#http2 = connect(parts.url.origin, connectOptions(parts));
    this.#cancelTimer = parts.timers.after(parts.limits.connectMs, () => this.fail(new Error("connection timed out")));
    this.#http2.on("error", (error: Error) => (this.#failure ??= error));
    this.#http2.once("connect", (_session, socket) => {
      this.#isConnected = true;
      if ("alpnProtocol" in socket && socket.alpnProtocol !== "h2") this.fail(new Error("it does not speak HTTP/2"));
      this.#http2.setLocalWindowSize(sessionWindowBytes);
      this.#rest();
    });
    this.#http2.once("close", () => this.#cancelTimer());
  }

  /** Whether it takes new requests. */
  get isUsable(): boolean {
    return this.#failure === undefined && !this.#http2.closed && !this.#http2.destroyed;
  }

  /** Whether it has ever stood. */
  get isConnected(): boolean {
    return this.#isConnected;
  }

  get open(): number {
    return this.#open;
  }

  get hasRoom(): boolean {
    const { maxConcurrentStreams } = this.#isConnected ? this.#http2.remoteSettings : {};
    return this.#open < (maxConcurrentStreams ?? presumedStreams);
  }

  /** What ended it, if it was not ended in peace. */
  get failure(): Error | undefined {
    return this.#failure;
  }

  /** Throws when the connection is closing. */
  request(headers: OutgoingHttpHeaders, endStream: boolean): ClientHttp2Stream {
    const stream = this.#http2.request(headers, { endStream });
    this.#open += 1;
    if (this.#open === 1) this.#rest();
    stream.once("close", () => {
      this.#open -= 1;
      if (this.#open === 0) this.#rest();
    });
    return stream;
  }

  onClose(call: () => void): void {
    this.#http2.once("close", call);
  }

  /** Takes no new requests, and ends with the last of those it has. */
  retire(): void {
    this.#http2.close();
  }

  /** Ends it with all that is open on it. */
  fail(error: Error): void {
    this.#failure ??= error;
    this.#http2.destroy(error);
  }

  /** Requests open: it must show signs of life. None: it may go. */
  #rest(): void {
    if (!this.#isConnected) return;
    this.#cancelTimer();
    if (this.#http2.destroyed) return;
    const { idleMs } = this.#limits;
    if (this.#open === 0) this.#cancelTimer = this.#timers.after(idleMs, () => this.retire());
    else this.#listen();
  }

  #listen(): void {
    this.#received = this.#bytesRead;
    this.#cancelTimer = this.#timers.after(this.#limits.quietMs, () => {
      if (this.#bytesRead !== this.#received) this.#listen();
      else this.#ping();
    });
  }

  #ping(): void {
    const { pingMs, quietMs } = this.#limits;
    const lost = (): void => this.fail(new Error(`nothing came from it for ${(quietMs + pingMs) / 1000} seconds`));
    this.#cancelTimer = this.#timers.after(pingMs, () => {
      // An answer may wait behind other data that is still coming in.
      if (this.#bytesRead === this.#received) lost();
      else this.#listen();
    });
    const cancel = this.#cancelTimer;
    this.#http2.ping(() => {
      if (this.#cancelTimer !== cancel) return;
      cancel();
      if (!this.#http2.destroyed) this.#listen();
    });
  }

  get #bytesRead(): number {
    return this.#http2.destroyed ? 0 : this.#http2.socket.bytesRead;
  }
}

function connectOptions({ url, options, certificate }: SessionParts): Parameters<typeof connect>[1] {
  const { caPem, serverName, insecure = false } = options;
  const name = serverName ?? url.hostname.replace(/^\[|\]$/g, "");
  return {
    ...(caPem === undefined ? {} : { ca: caPem }),
    ...(certificate === undefined ? {} : { cert: certificate.certPem, key: certificate.keyPem }),
    // An address is no name to ask for by SNI; the certificate is then checked for the host that is dialled.
    ...(isIP(name) === 0 ? { servername: name } : {}),
    rejectUnauthorized: !insecure,
    minVersion: "TLSv1.2",
    ALPNProtocols: ["h2"],
    maxSessionMemory: 1000,
    settings: { initialWindowSize: streamWindowBytes, enablePush: false },
  };
}
