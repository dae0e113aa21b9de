import { ApiError } from "../../api/machinery/status.ts";
import { keyOf } from "../../client/lister.ts";
import { certificateSigningRequests } from "../../client/resource-types.ts";
import type { Controller } from "../controller.ts";
import { requestEnd } from "./request-end.ts";
import type { Csr } from "./request-state.ts";

/**
 * Deletes requests that have had their time.
 * https://kubernetes.io/docs/reference/access-authn-authz/certificate-signing-requests/#request-signing-process
 */
export const certificateSigningRequestCleanerController: Controller = {
  name: "certificatesigningrequest-cleaner-controller",
  serviceAccount: "certificate-controller",
  start({ client, informers, reconciler, clock }) {
    const all = informers.of(certificateSigningRequests);
    const queue = reconciler({
      async reconcile(name) {
        const csr = all.get(name);
        const left = (csr === undefined ? Infinity : requestEnd(csr)) - clock.now();
        if (left === Infinity) return undefined;
        if (left >= 0) return { after: left + 1 };
        await client
          .delete(certificateSigningRequests, { name }, { preconditions: { uid: csr?.metadata?.uid } })
          .catch(unlessGone);
        return undefined;
      },
    });
    const add = (csr: Csr): void => queue.add(keyOf(csr));
    all.on({ added: add, updated: add });
  },
};

/** Or another one has its name. */
function unlessGone(thrown: unknown): void {
  const isGone = thrown instanceof ApiError && (thrown.reason === "NotFound" || thrown.reason === "Conflict");
  if (!isGone) throw thrown;
}
