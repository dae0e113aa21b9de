import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { parse } from "yaml";
import { clusterInfo } from "../api/core/cluster-info.ts";
import { detachedSignature } from "../client/bootstrap/detached-signature.ts";
import { configMaps, secrets } from "../client/resource-types.ts";
import { createCluster, type TestCluster } from "./testing.ts";

const token = { id: "aaaaaa", secret: "0123456789abcdef" };

/** What machines that join are told, as soon as all that is to be done is done. */
async function told({ client, settled }: TestCluster): Promise<{ readonly server: string; readonly signed: boolean }> {
  await settled();
  const { data = {} } = await client.get(configMaps, clusterInfo);
  const { kubeconfig = "" } = data;
  const { clusters } = parse(kubeconfig) as { clusters: { cluster: { server: string } }[] };
  return {
    server: clusters[0]?.cluster.server ?? "",
    signed: data[clusterInfo.signatureKey(token.id)] === detachedSignature(kubeconfig, token),
  };
}

it("who joins is told where the server is, wherever it starts, by the word of the token", async () => {
  const dataDir = await mkdtemp(join(tmpdir(), "wherry-cluster-info-"));
  try {
    const options = {
      dataDir,
      durable: false,
      nodes: 0,
      scheduler: false,
      controllers: ["bootstrap-signer-controller"],
    };
    {
      await using cluster = await createCluster(options);
      await cluster.client.create(secrets, {
        metadata: { name: `bootstrap-token-${token.id}`, namespace: "kube-system" },
        type: "bootstrap.kubernetes.io/token",
        stringData: { "token-id": token.id, "token-secret": token.secret, "usage-bootstrap-signing": "true" },
      });
      expect(await told(cluster)).toEqual({ server: cluster.url, signed: true });
    }
    await using cluster = await createCluster(options);
    expect(await told(cluster)).toEqual({ server: cluster.url, signed: true });
  } finally {
    await rm(dataDir, { recursive: true });
  }
});
