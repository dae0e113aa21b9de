import type { OutgoingHttpHeaders } from "node:http";
import type { ApiResponse } from "../../api/wire.ts";
import { ApiError } from "../../api/machinery/status.ts";
import { chooseEncoding, type Encoded } from "./compress.ts";
import type { Exchange } from "./exchange.ts";
import type { RespondParts } from "./respond-parts.ts";
import { nodeHeaders } from "./node-headers.ts";
import { writeChunks } from "./write-chunks.ts";
import { writeWatch } from "./write-watch.ts";

/** Writes the answer; resolves when all of it is handed over or the client is gone. */
export async function respond(exchange: Exchange, response: ApiResponse, parts: RespondParts): Promise<void> {
  const { body } = response;
  if (body.type === "watch") return writeWatch(exchange, response, body.watch, parts);
  if (body.type === "tunnel") {
    body.tunnel.abandon();
    throw new Error("a tunnel is no answer to a request without Upgrade");
  }
  const encoded = await chooseEncoding(response, body, exchange.request);
  const { outgoing, request } = exchange;
  outgoing.writeHead(response.status, headersOf(response, encoded, exchange, parts));
  if (body.type === "chunks" && body.live === true) outgoing.flushHeaders?.();
  if (request.method === "HEAD") outgoing.end();
  else if (encoded.body instanceof Uint8Array) outgoing.end(encoded.body);
  else await writeChunks(exchange, encoded.body, parts.stallMs);
}

function headersOf(
  response: ApiResponse,
  encoded: Encoded,
  { http1 }: Exchange,
  { draining }: RespondParts,
): OutgoingHttpHeaders {
  const bodyless = response.status === 204 || response.status === 304;
  return {
    ...nodeHeaders(response.headers),
    ...encoded.headers,
    ...(encoded.body instanceof Uint8Array && !bodyless ? { "content-length": encoded.body.byteLength } : {}),
    ...(http1 && draining.started ? { connection: "close" } : {}),
  };
}

/** What is said when a handler throws, which the pipeline never should: nothing of the cause leaks. */
export function refusal(thrown: unknown): ApiResponse {
  const error = ApiError.from(thrown);
  const bytes = Buffer.from(JSON.stringify(error.toStatus()));
  return { status: error.code, headers: { "content-type": "application/json" }, body: { type: "bytes", bytes } };
}
