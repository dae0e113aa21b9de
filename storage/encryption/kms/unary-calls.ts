import { connect as connectHttp2, constants, type ClientHttp2Session, type ClientHttp2Stream } from "node:http2";
import { connect as connectSocket } from "node:net";

export interface UnaryCallsOptions {
  /** The path of a Unix socket. */
  readonly socket: string;
  /** `package.Service` */
  readonly service: string;
  readonly timeoutMs: number;
}

/** gRPC calls with one message each way. https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md */
export interface UnaryCalls {
  /** Rejects unless the status is OK. */
  call(method: string, message: Buffer): Promise<Buffer>;
  close(): void;
}

const headLength = 5;
/** Keys are short, and so is everything else here. */
const mostAnswerBytes = 1024 * 1024;

export function openUnaryCalls({ socket, service, timeoutMs }: UnaryCallsOptions): UnaryCalls {
  let session: ClientHttp2Session | undefined;
  const connected = (): ClientHttp2Session => {
    if (session !== undefined && !session.closed && !session.destroyed) return session;
    session = connectHttp2("http://localhost", { createConnection: () => connectSocket(socket) });
    // Each call under way fails by itself.
    session.on("error", () => undefined);
    session.unref();
    return session;
  };
  return {
    call: (method, message) =>
      answer(() => connected().request(headersOf(`/${service}/${method}`, timeoutMs)), { message, timeoutMs }),
    close: () => session?.close(),
  };
}

function headersOf(path: string, timeoutMs: number): Record<string, string> {
  return {
    [constants.HTTP2_HEADER_METHOD]: "POST",
    [constants.HTTP2_HEADER_PATH]: path,
    te: "trailers",
    "content-type": "application/grpc",
    "grpc-timeout": `${Math.ceil(timeoutMs)}m`,
  };
}

function answer(
  open: () => ClientHttp2Stream,
  { message, timeoutMs }: { readonly message: Buffer; readonly timeoutMs: number },
): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const stream = open();
    const pieces: Buffer[] = [];
    let size = 0;
    let status: GrpcStatus | undefined;
    const fail = (error: Error): void => {
      clearTimeout(timer);
      reject(error);
      stream.close(constants.NGHTTP2_CANCEL);
    };
    const timer = setTimeout(
      () => fail(new Error("rpc error: code = DeadlineExceeded desc = context deadline exceeded")),
      timeoutMs,
    );
    const note = (headers: Record<string, unknown>): void => {
      status = statusOf(headers) ?? status;
    };
    stream.on("response", note);
    stream.on("trailers", note);
    stream.on("data", (piece: Buffer) => {
      size += piece.length;
      if (size > mostAnswerBytes) fail(new Error("the answer is too long"));
      else pieces.push(piece);
    });
    stream.on("error", (error) =>
      fail(new Error(`rpc error: code = Unavailable desc = ${error.message}`, { cause: error })),
    );
    stream.on("close", () => {
      clearTimeout(timer);
      if (status?.code === 0) resolve(Buffer.concat(pieces).subarray(headLength));
      else reject(new Error(`rpc error: ${describe(status)}`));
    });
    const head = Buffer.alloc(headLength);
    head.writeUInt32BE(message.length, 1);
    stream.end(Buffer.concat([head, message]));
  });
}

interface GrpcStatus {
  readonly code: number;
  readonly message: string;
}

function statusOf(headers: Record<string, unknown>): GrpcStatus | undefined {
  const { "grpc-status": code, "grpc-message": message } = headers;
  if (code === undefined) return undefined;
  return { code: Number(code), message: typeof message === "string" ? decoded(message) : "" };
}

/** Percent-encoded; what cannot be decoded stands for itself. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function describe(status: GrpcStatus | undefined): string {
  return status === undefined ? "the connection ended" : `code = ${status.code} desc = ${status.message}`;
}
