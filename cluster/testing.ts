/** `wherry/testing`: a real cluster in the test's own process. */
import { stringify } from "yaml";
import type { Transport, UserInfo } from "../api/wire.ts";
import { createCluster as create } from "./create-cluster.ts";
import type { ClusterOptions } from "./options.ts";

export type { ClusterOptions } from "./options.ts";

export interface TestCluster extends AsyncDisposable {
  /** https://127.0.0.1:port */
  readonly url: string;
  readonly port: number;
  /** An administrator's kubeconfig, as YAML text: write it to a file for kubectl, or hand it to a client library. */
  readonly kubeconfig: string;
  /** Requests in process, as a user. */
  as(user: UserInfo): Transport;
}

/**
 * Starts a cluster on a free port, in memory unless `dataDir` says otherwise; disposing of it stops everything.
 * @example await using cluster = await createCluster();
 */
export async function createCluster(options: ClusterOptions = {}): Promise<TestCluster> {
  const cluster = await create(options);
  return {
    url: cluster.url,
    port: cluster.port,
    kubeconfig: stringify(cluster.kubeconfig),
    as: (user) => cluster.as(user),
    [Symbol.asyncDispose]: () => cluster[Symbol.asyncDispose](),
  };
}
