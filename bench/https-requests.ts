import { Agent, request } from "node:https";
import type { Target, Template } from "./http2-client.ts";

/** Plain HTTP/1.1 requests, for what is larger than the windows of `Http2Client`. */
export class HttpsRequests implements Disposable {
  readonly #target: Target;
  readonly #agent: Agent;

  constructor(target: Target) {
    const { ca, cert, key } = target;
    this.#target = target;
    this.#agent = new Agent({ keepAlive: true, ...(ca && { ca }), ...(cert && { cert }), ...(key && { key }) });
  }

  /** Resolves to the body as it came; rejects unless it was answered with 2xx. */
  send({ method, path, headers = {} }: Template, body?: Uint8Array): Promise<Buffer> {
    return new Promise((resolve, reject) => {
      const sent = request(this.#target.url + path, { method, headers, agent: this.#agent }, (response) => {
        const pieces: Buffer[] = [];
        response.on("data", (piece: Buffer) => pieces.push(piece));
        response.on("error", reject);
        response.on("end", () => {
          const bytes = Buffer.concat(pieces);
          const { statusCode = 0 } = response;
          if (statusCode >= 200 && statusCode < 300) resolve(bytes);
          else reject(new Error(`${method} ${path}: ${statusCode} ${bytes.toString("utf8", 0, 500)}`));
        });
      });
      sent.on("error", reject);
      sent.end(body);
    });
  }

  [Symbol.dispose](): void {
    this.#agent.destroy();
  }
}
