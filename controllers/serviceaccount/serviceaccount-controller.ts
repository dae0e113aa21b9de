import { ApiError } from "../../api/machinery/status.ts";
import { keyFor } from "../../client/lister.ts";
import { namespaces, serviceAccounts } from "../../client/resource-types.ts";
import type { Controller } from "../controller.ts";
import { isNamespaceGoing } from "../pods/pod-control.ts";

const name = "default";

/** Gives every namespace the account that its pods run as. https://kubernetes.io/docs/reference/access-authn-authz/service-accounts-admin/#serviceaccount-controller */
export const serviceAccountController: Controller = {
  name: "serviceaccount-controller",
  serviceAccount: "service-account-controller",
  start({ client, informers, reconciler }) {
    const accounts = informers.of(serviceAccounts);
    const all = informers.of(namespaces);
    const queue = reconciler({
      async reconcile(namespace) {
        if (all.get(namespace)?.status?.phase !== "Active") return;
        if (accounts.get(keyFor(namespace, name)) !== undefined) return;
        await client.create(serviceAccounts, { metadata: { namespace, name } }).catch(unlessThereOrGoing);
      },
    });
    accounts.on({ deleted: ({ metadata }) => queue.add(metadata?.namespace ?? "") });
    all.on({
      added: ({ metadata }) => queue.add(metadata?.name ?? ""),
      updated: ({ metadata }) => queue.add(metadata?.name ?? ""),
    });
  },
};

function unlessThereOrGoing(thrown: unknown): void {
  const isThere = thrown instanceof ApiError && thrown.reason === "AlreadyExists";
  if (!isThere && !isNamespaceGoing(thrown)) throw thrown;
}
