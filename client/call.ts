import { parseJson } from "../api/machinery/json.ts";
import type { KubeObject } from "../api/machinery/object.ts";
import { ApiError, type Reason, type Status } from "../api/machinery/status.ts";
import type { ApiResponse, Transport } from "../api/wire.ts";

export interface Call {
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** Path and query. */
  readonly url: string;
  readonly body?: object;
  /** JSON unless said otherwise (the patch types). */
  readonly contentType?: string;
  readonly userAgent?: string;
  readonly signal?: AbortSignal;
}

/** One request whose answer is an object, or a list. Throws the ApiError that the server answered with. */
export async function call<T extends object = KubeObject>(
  transport: Transport,
  { method, url, body, contentType, userAgent, signal }: Call,
): Promise<T> {
  const response = await transport({
    method,
    url,
    headers: {
      accept: "application/json",
      "user-agent": userAgent ?? "wherry",
      ...(body === undefined ? {} : { "content-type": contentType ?? "application/json" }),
    },
    ...(body === undefined ? {} : { object: body }),
    signal: signal ?? new AbortController().signal,
    peer: { address: "in process" },
  });
  const value = await answerOf(response);
  if (response.status >= 400) throw errorOf(value as Status, response.status);
  return value as T;
}

/** The object that a response carries. */
export async function answerOf(response: ApiResponse): Promise<object> {
  if (response.body.type === "bytes" && response.body.object !== undefined) return response.body.object();
  return parseJson(await bytesOf(response), { duplicates: false }).value as object;
}

async function bytesOf({ body }: ApiResponse): Promise<Uint8Array> {
  if (body.type === "bytes") return body.bytes;
  if (body.type !== "chunks") throw new Error(`a ${body.type} has no single answer`);
  const pieces: Uint8Array[] = [];
  for await (const piece of body.chunks) pieces.push(piece);
  return Buffer.concat(pieces);
}

export function errorOf({ reason, message, details }: Status, code: number): ApiError {
  return new ApiError((reason ?? "") as Reason | "", message ?? "", { code, details });
}
