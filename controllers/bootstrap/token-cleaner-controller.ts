import { bootstrapTokenEnd } from "../../api/core/bootstrap-tokens.ts";
import type { Secret } from "../../api/generated/types/core-v1.ts";
import type { DeepReadonly } from "../../api/machinery/object.ts";
import { ApiError } from "../../api/machinery/status.ts";
import { keyOf, splitKey } from "../../client/lister.ts";
import { secrets } from "../../client/resource-types.ts";
import type { Controller } from "../controller.ts";
import { isBootstrapTokenSecret } from "./signed-cluster-info.ts";

/**
 * Deletes bootstrap tokens that have ended.
 * https://kubernetes.io/docs/reference/access-authn-authz/bootstrap-tokens/
 */
export const tokenCleanerController: Controller = {
  name: "token-cleaner-controller",
  serviceAccount: "token-cleaner",
  start({ client, informers, reconciler, clock }) {
    const all = informers.of(secrets);
    const queue = reconciler({
      async reconcile(key) {
        const secret = all.get(key);
        const end = secret === undefined ? undefined : bootstrapTokenEnd(secret);
        if (end === undefined) return undefined;
        const left = end - clock.now();
        if (left > 0) return { after: left };
        const preconditions = { uid: secret?.metadata?.uid };
        await client.delete(secrets, splitKey(key), { preconditions }).catch(unlessGone);
        return undefined;
      },
    });
    const add = (secret: DeepReadonly<Secret>): void => {
      if (isBootstrapTokenSecret(secret)) queue.add(keyOf(secret));
    };
    all.on({ added: add, updated: add });
  },
};

/** Or another one has its name. */
function unlessGone(thrown: unknown): void {
  const isGone = thrown instanceof ApiError && (thrown.reason === "NotFound" || thrown.reason === "Conflict");
  if (!isGone) throw thrown;
}
