import { Agent as HttpAgent, request as httpRequest, type IncomingMessage } from "node:http";
import { Agent as HttpsAgent, request as httpsRequest } from "node:https";
import type { Clock } from "../../../base/clock.ts";
import type { WebhookServer } from "../../webhook/webhook-config.ts";

/** Sends a body once; rejects unless the answer is 2xx. Redirects are not followed. */
export interface EventPoster {
  post(body: Buffer): Promise<void>;
  close(): void;
}

const timeoutMs = 30_000;
const connections = 16;

export function createEventPoster(server: WebhookServer, timers: Clock): EventPoster {
  const { url, caPem, client, serverName, insecure } = server;
  const kept = { keepAlive: true, maxSockets: connections };
  const agent =
    url.protocol === "http:"
      ? new HttpAgent(kept)
      : new HttpsAgent({
          ...kept,
          rejectUnauthorized: insecure !== true,
          ...(caPem === undefined ? {} : { ca: caPem }),
          ...(client === undefined ? {} : { cert: client.certPem, key: client.keyPem }),
          ...(serverName === undefined ? {} : { servername: serverName }),
        });
  return {
    async post(body) {
      const authorization = await server.authorization?.();
      const abort = new AbortController();
      const cancel = timers.after(timeoutMs, () => abort.abort(new Error("context deadline exceeded")));
      try {
        const answer = await sent({ url, agent, body, authorization, signal: abort.signal });
        // The connection serves again when the answer is read.
        answer.resume();
        const { statusCode = 0 } = answer;
        if (statusCode < 200 || statusCode > 299) throw new Error(`the webhook answered ${statusCode}`);
      } finally {
        cancel();
      }
    },
    close: () => agent.destroy(),
  };
}

interface Sending {
  readonly url: URL;
  readonly agent: HttpAgent | HttpsAgent;
  readonly body: Buffer;
  readonly authorization: string | undefined;
  readonly signal: AbortSignal;
}

function sent({ url, agent, body, authorization, signal }: Sending): Promise<IncomingMessage> {
  const request = url.protocol === "http:" ? httpRequest : httpsRequest;
  return new Promise((resolve, reject) => {
    const outgoing = request(url, {
      method: "POST",
      agent,
      signal,
      headers: {
        "content-type": "application/json",
        accept: "application/json, */*",
        "user-agent": "kube-apiserver",
        "content-length": body.length,
        ...(authorization === undefined ? {} : { authorization }),
      },
    });
    outgoing.once("response", resolve);
    outgoing.once("error", reject);
    outgoing.end(body);
  });
}
