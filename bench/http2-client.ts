import { connect as connectPlain, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import { flag, frame, frameType, headerBlock, headLength, isSuccess, preface, windowUpdate } from "./http2-frames.ts";

export interface Target {
  /** https://host:port, or http://host:port for HTTP/2 without TLS. */
  readonly url: string;
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
}

/** What a request looks like before it gets its stream; made once for many. */
export interface Template {
  readonly method: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Called with each piece of a response's body. */
export type OnData = (piece: Buffer) => void;

interface Exchange {
  readonly resolve: (bodyBytes: number) => void;
  readonly reject: (why: Error) => void;
  readonly onData: OnData | undefined;
  ok: boolean;
  bytes: number;
  /** The beginning of a body that says why. */
  refusal: string;
}

/** What we have taken before the server is told that it may send as much again. */
const windowStep = 16 * 1024 * 1024;

/**
 * One HTTP/2 connection that costs its process next to nothing: client and server share two cores, and a client that
 * needs as long as the server would halve what is measured. Only what the benches do: bodies smaller than a stream's
 * first window, no look at trailers.
 */
export class Http2Client implements Disposable {
  readonly #socket: Socket;
  readonly #open = new Map<number, Exchange>();
  #rest: Buffer = Buffer.alloc(0);
  #stream = 1;
  #taken = 0;
  /** How much the server takes on this connection before it says more; bodies beyond it wait. */
  #window = 65_535;
  readonly #waiting: Buffer[] = [];
  /** Resolves when the server has agreed to our settings. */
  readonly #settled: Promise<void>;
  #settle: () => void = () => undefined;
  #failure: Error | undefined;

  private constructor(socket: Socket) {
    this.#socket = socket;
    this.#settled = new Promise((resolve) => (this.#settle = resolve));
    socket.on("data", (bytes) => this.#read(bytes));
    socket.on("error", (why) => this.#fail(why));
    socket.on("close", () => this.#fail(closed()));
    socket.write(preface());
  }

  static async open({ url, ca, cert, key }: Target): Promise<Http2Client> {
    const { protocol, hostname, port } = new URL(url);
    const at = { host: hostname, port: Number(port) };
    const tls = protocol === "https:";
    const credentials = { ...(ca && { ca }), ...(cert && { cert }), ...(key && { key }) };
    const socket = tls ? connectTls({ ...at, ...credentials, ALPNProtocols: ["h2"] }) : connectPlain(at);
    await new Promise<void>((resolve, reject) => {
      socket.once(tls ? "secureConnect" : "connect", resolve);
      socket.once("error", reject);
      socket.once("close", () => reject(closed()));
    });
    socket.setNoDelay(true);
    const client = new Http2Client(socket);
    await client.#settled;
    return client;
  }

  /** The header frame of a kind of request, ready but for the stream's number. */
  prepare({ method, path, headers = {} }: Template): (body?: Uint8Array, onData?: OnData) => Promise<number> {
    const own = Object.entries({
      ":method": method,
      ":scheme": "https",
      ":path": path,
      ":authority": "bench",
      ...headers,
    });
    const block = headerBlock(own);
    return (body, onData) => this.#send(block, body, onData);
  }

  /** One request; resolves to the size of its body, rejects unless it was answered with 2xx. */
  request(template: Template, body?: Uint8Array, onData?: OnData): Promise<number> {
    return this.prepare(template)(body, onData);
  }

  [Symbol.dispose](): void {
    this.#socket.removeAllListeners("close");
    this.#socket.destroy();
  }

  #send(block: Buffer, body: Uint8Array | undefined, onData: OnData | undefined): Promise<number> {
    const stream = this.#stream;
    this.#stream += 2;
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    return new Promise((resolve, reject) => {
      this.#open.set(stream, { resolve, reject, onData, ok: false, bytes: 0, refusal: "" });
      const endStream = body === undefined ? flag.endStream : 0;
      this.#socket.write(frame(frameType.headers, flag.endHeaders | endStream, stream, block));
      if (body === undefined) return;
      this.#waiting.push(frame(frameType.data, flag.endStream, stream, body));
      this.#sendBodies();
    });
  }

  #sendBodies(): void {
    for (let next = this.#waiting[0]; next !== undefined; next = this.#waiting[0]) {
      if (next.length - headLength > this.#window) return;
      this.#window -= next.length - headLength;
      this.#socket.write(next);
      this.#waiting.shift();
    }
  }

  #read(bytes: Buffer): void {
    let buffer = this.#rest.length === 0 ? bytes : Buffer.concat([this.#rest, bytes]);
    for (;;) {
      if (buffer.length < headLength) break;
      const length = buffer.readUIntBE(0, 3);
      if (buffer.length < headLength + length) break;
      this.#take(buffer, buffer.subarray(headLength, headLength + length));
      buffer = buffer.subarray(headLength + length);
    }
    this.#rest = buffer;
  }

  #take(head: Buffer, payload: Buffer): void {
    const [type, flags, stream] = [head.readUInt8(3), head.readUInt8(4), head.readUInt32BE(5)];
    switch (type) {
      case frameType.headers:
      case frameType.data:
        this.#answer(type, flags, stream, payload);
        return;
      case frameType.reset:
        this.#finish(stream, new Error("the server reset the stream"));
        return;
      case frameType.windowUpdate:
        if (stream === 0) this.#window += payload.readUInt32BE(0);
        this.#sendBodies();
        return;
      case frameType.settings:
        if ((flags & flag.ack) !== 0) this.#settle();
        else this.#socket.write(frame(frameType.settings, flag.ack, 0, Buffer.alloc(0)));
        return;
      case frameType.ping:
        if ((flags & flag.ack) === 0) this.#socket.write(frame(frameType.ping, flag.ack, 0, payload));
        return;
      case frameType.goaway:
        this.#fail(new Error("the server is going away"));
        return;
    }
  }

  #answer(type: number, flags: number, stream: number, payload: Buffer): void {
    const exchange = this.#open.get(stream);
    if (exchange === undefined) return;
    if (type === frameType.headers) exchange.ok ||= isSuccess(payload);
    else {
      exchange.bytes += payload.length;
      exchange.onData?.(payload);
      if (!exchange.ok) exchange.refusal += payload.toString("utf8", 0, 500);
      this.#taken += payload.length;
      if (this.#taken >= windowStep) {
        this.#socket.write(windowUpdate(this.#taken));
        this.#taken = 0;
      }
    }
    if ((flags & flag.endStream) !== 0) this.#finish(stream, undefined);
  }

  #finish(stream: number, failure: Error | undefined): void {
    const exchange = this.#open.get(stream);
    if (exchange === undefined) return;
    this.#open.delete(stream);
    if (failure !== undefined) exchange.reject(failure);
    else if (exchange.ok) exchange.resolve(exchange.bytes);
    else exchange.reject(new Error(`a request was refused: ${exchange.refusal}`));
  }

  #fail(why: Error): void {
    this.#failure ??= why;
    this.#settle();
    for (const exchange of this.#open.values()) exchange.reject(why);
    this.#open.clear();
  }
}

function closed(): Error {
  return new Error("the server closed the connection");
}
