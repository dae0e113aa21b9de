import { request } from "node:https";
import type { ClusterAccess } from "./cluster-access.ts";

export interface Answer {
  readonly status: number;
  readonly text: string;
}

const mostBytes = 16 * 1024 * 1024;

/** One GET as the administrator. The answer proves that it is this folder's server: nobody else has its certificate. */
export function askServer({ server, caPem, client }: ClusterAccess, path: string, withinMs: number): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const asking = request(
      new URL(path, server.url),
      { ca: caPem, cert: client.certPem, key: client.keyPem, agent: false, signal: AbortSignal.timeout(withinMs) },
      (response) => {
        let text = "";
        response.setEncoding("utf8");
        response.on("data", (piece: string) => {
          text += piece;
          if (text.length > mostBytes) asking.destroy(new Error(`the answer to ${path} is too long`));
        });
        response.on("error", reject);
        response.on("end", () => resolve({ status: response.statusCode ?? 0, text }));
      },
    );
    asking.on("error", reject);
    asking.end();
  });
}
