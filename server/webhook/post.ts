import type { IncomingMessage } from "node:http";
import { request as httpsRequest, type Agent } from "node:https";
import type { Endpoint } from "../extensions/service-resolver.ts";

export interface Post {
  readonly endpoint: Endpoint;
  readonly agent: Agent;
  /** With the query. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
  readonly maxAnswerBytes: number;
  readonly signal: AbortSignal;
}

export interface PostAnswer {
  readonly status: number;
  /** It said when to come again. */
  readonly hasRetryAfter: boolean;
  readonly body: Buffer;
}

/** One POST and its whole answer, whatever its status: redirects are answers too. Throws Node's errors. */
export async function post(call: Post): Promise<PostAnswer> {
  for (;;) {
    try {
      return await attempt(call);
    } catch (thrown) {
      // The server closed a kept connection just when it was used again: nothing has been done yet. There are only so
      // many of them, and a new one is not stale.
      if (!(thrown instanceof StaleConnection)) throw thrown;
    }
  }
}

class StaleConnection extends Error {
  override readonly name = "StaleConnection";
}

function attempt({ endpoint, agent, path, headers, body, maxAnswerBytes, signal }: Post): Promise<PostAnswer> {
  return new Promise((resolve, reject) => {
    const sent = httpsRequest({
      method: "POST",
      ...endpoint,
      agent,
      path,
      headers: { ...headers, "content-length": body.byteLength },
      signal,
    });
    sent.once("response", (answer) => {
      wholeBody(answer, maxAnswerBytes).then(
        (whole) => {
          const hasRetryAfter = answer.headers["retry-after"] !== undefined;
          resolve({ status: answer.statusCode ?? 0, hasRetryAfter, body: whole });
        },
        (thrown: unknown) => {
          sent.destroy();
          reject(thrown);
        },
      );
    });
    sent.on("error", (error: NodeJS.ErrnoException) => {
      const isStale = sent.reusedSocket && error.code === "ECONNRESET";
      reject(isStale ? new StaleConnection(error.message, { cause: error }) : error);
    });
    sent.end(body);
  });
}

async function wholeBody(answer: IncomingMessage, maxBytes: number): Promise<Buffer> {
  const pieces: Buffer[] = [];
  let size = 0;
  for await (const piece of answer as AsyncIterable<Buffer>) {
    size += piece.length;
    if (size > maxBytes) throw new Error(`the answer is longer than ${maxBytes} bytes`);
    pieces.push(piece);
  }
  return Buffer.concat(pieces, size);
}
