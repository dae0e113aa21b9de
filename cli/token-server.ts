import { parse } from "yaml";
import { clusterInfo } from "../api/core/cluster-info.ts";
import type { Kubeconfig } from "../certs/kubeconfig.ts";
import type { Transport } from "../api/wire.ts";
import { ApiError } from "../api/machinery/status.ts";
import { type Client, createClient } from "../client/client.ts";
import { ConnectionError } from "../client/connection-error.ts";
import { createHttpsTransport, type HttpsTransport } from "../client/https/https-transport.ts";
import { transportOfKubeconfigFile } from "../client/kubeconfig-transport.ts";
import { configMaps } from "../client/resource-types.ts";
import { accessOf } from "./cluster-access.ts";
import { dataFolder } from "./data-folder.ts";
import { UserError } from "./user-error.ts";

/** Which cluster, and as whom. */
export interface ServerFlags {
  readonly dataDir?: string;
  readonly kubeconfig?: string;
}

/** Works on a cluster: by a kubeconfig where one is named, else as the administrator of the data folder's. */
export async function withServer<T>(flags: ServerFlags, work: (client: Client) => Promise<T>): Promise<T> {
  await using https = await transportOf(flags);
  const { transport } = https;
  try {
    return await work(createClient({ transport: asking(transport), userAgent: "wherry" }));
  } catch (thrown) {
    if (thrown instanceof ApiError || thrown instanceof ConnectionError)
      throw new UserError(thrown.message, { cause: thrown });
    throw thrown;
  }
}

async function transportOf({ kubeconfig, dataDir }: ServerFlags): Promise<HttpsTransport> {
  if (kubeconfig === undefined) {
    const { server, caPem, client } = await accessOf(dataFolder(dataDir));
    return createHttpsTransport({ server: server.url, caPem, clientCertificate: client });
  }
  try {
    return await transportOfKubeconfigFile(kubeconfig);
  } catch (thrown) {
    throw new UserError(thrown instanceof Error ? thrown.message : String(thrown), { cause: thrown });
  }
}

const patienceMs = 30_000;

/** A server that does not answer does not keep its user waiting for ever. */
function asking(transport: Transport): Transport {
  return (request) =>
    transport({ ...request, signal: AbortSignal.any([request.signal, AbortSignal.timeout(patienceMs)]) });
}

/** Whom machines that join are to trust, in PEM. */
export async function joinAuthority(client: Client): Promise<string> {
  const { data = {} } = await client.get(configMaps, clusterInfo);
  const config = parse(data[clusterInfo.kubeconfigKey] ?? "") as Partial<Kubeconfig> | null;
  const cluster = config?.clusters?.[0]?.cluster;
  if (cluster === undefined)
    throw new UserError(
      `the config map ${clusterInfo.namespace}/${clusterInfo.name} names no cluster; delete it and start the server anew`,
    );
  return Buffer.from(cluster["certificate-authority-data"], "base64").toString();
}
