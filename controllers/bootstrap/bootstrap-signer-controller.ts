import { bootstrapTokenEnd, bootstrapTokens } from "../../api/core/bootstrap-tokens.ts";
import { clusterInfo } from "../../api/core/cluster-info.ts";
import type { ConfigMap, Secret } from "../../api/generated/types/core-v1.ts";
import { deepEqual } from "../../api/machinery/equal.ts";
import type { DeepReadonly } from "../../api/machinery/object.ts";
import { keyFor } from "../../client/lister.ts";
import { configMaps, secrets } from "../../client/resource-types.ts";
import type { Controller } from "../controller.ts";
import { isBootstrapTokenSecret, signedData, signingToken } from "./signed-cluster-info.ts";

const key = keyFor(clusterInfo.namespace, clusterInfo.name);

/**
 * Signs cluster-info by every bootstrap token, so that machines with a token can trust what it says.
 * https://kubernetes.io/docs/reference/access-authn-authz/bootstrap-tokens/#configmap-signing
 */
export const bootstrapSignerController: Controller = {
  name: "bootstrap-signer-controller",
  serviceAccount: "bootstrap-signer",
  start({ client, informers, reconciler, clock }) {
    const maps = informers.of(configMaps);
    const allSecrets = informers.of(secrets);
    const queue = reconciler({
      async reconcile() {
        const map = maps.get(key);
        if (map === undefined) return undefined;
        const now = clock.now();
        const known = [...allSecrets.list(bootstrapTokens.namespace)].filter(
          (secret) => signingToken(secret, now) !== undefined,
        );
        const data = signedData(
          map.data ?? {},
          known.flatMap((secret) => signingToken(secret, now) ?? []),
        );
        if (!deepEqual(data, map.data ?? {})) await client.update(configMaps, { ...map, data });
        const ends = known.flatMap((secret) => bootstrapTokenEnd(secret) ?? []);
        return ends.length === 0 ? undefined : { after: Math.min(...ends) - now };
      },
    });
    const addMap = ({ metadata }: DeepReadonly<ConfigMap>): void => {
      if (metadata?.name === clusterInfo.name && metadata.namespace === clusterInfo.namespace) queue.add(key);
    };
    const addSecret = (secret: DeepReadonly<Secret>): void => {
      if (isBootstrapTokenSecret(secret)) queue.add(key);
    };
    maps.on({ added: addMap, updated: addMap });
    allSecrets.on({ added: addSecret, updated: addSecret, deleted: addSecret });
  },
};
