import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { realClock } from "../base/clock.ts";
import { createHttpsTransport, type HttpsTransport } from "./https/https-transport.ts";
import type { HttpsTransportOptions } from "./https/options.ts";
import { tokenFile } from "./token-file.ts";

export interface InClusterOptions extends Pick<HttpsTransportOptions, "limits" | "timers"> {
  readonly environment?: Readonly<Record<string, string | undefined>>;
  readonly folder?: string;
}

const serviceAccountFolder = "/var/run/secrets/kubernetes.io/serviceaccount";

/**
 * The API as a pod sees it, by its service account.
 * https://kubernetes.io/docs/tasks/run-application/access-api-from-pod/
 */
export async function inClusterTransport(options: InClusterOptions = {}): Promise<HttpsTransport> {
  const { environment = process.env, folder = serviceAccountFolder, timers = realClock, limits } = options;
  const host = environment["KUBERNETES_SERVICE_HOST"] ?? "";
  const port = environment["KUBERNETES_SERVICE_PORT"] ?? "";
  if (host === "" || port === "")
    throw new Error("this is no pod of a cluster: KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT must be defined");
  const token = tokenFile(join(folder, "token"), timers);
  await token();
  return createHttpsTransport({
    server: `https://${host.includes(":") ? `[${host}]` : host}:${port}`,
    caPem: await readFile(join(folder, "ca.crt"), "utf8"),
    authorization: async () => `Bearer ${await token()}`,
    timers,
    ...(limits === undefined ? {} : { limits }),
  });
}
