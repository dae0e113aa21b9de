import type { Secret, ServiceAccount } from "../../api/generated/types/core-v1.ts";
import { accountOfTokenSecret } from "../../api/core/token-secrets.ts";
import type { DeepReadonly } from "../../api/machinery/object.ts";
import { ApiError } from "../../api/machinery/status.ts";
import { createTokenSigner, legacyIssuer } from "../../auth/tokens/token-signer.ts";
import type { Client } from "../../client/client.ts";
import type { Informer } from "../../client/informer.ts";
import { keyFor, keyOf, splitKey } from "../../client/lister.ts";
import { secrets as secretType, serviceAccounts } from "../../client/resource-types.ts";
import type { Controller } from "../controller.ts";
import { filledTokenSecret } from "./token-secret.ts";

type Accounts = Informer<ServiceAccount>;

/**
 * Puts tokens into the secrets that ask for one, and takes them away with their accounts.
 * https://kubernetes.io/docs/reference/access-authn-authz/service-accounts-admin/#token-controller
 */
export const serviceAccountTokenController: Controller = {
  name: "serviceaccount-token-controller",
  asManager: true,
  start({ client, informers, reconciler, config }) {
    const secrets = informers.of(secretType);
    const accounts = informers.of(serviceAccounts);
    const sign = createTokenSigner(legacyIssuer, config.serviceAccountKey);
    const ofAccount = secrets.index((secret) => {
      const account = accountOfTokenSecret(secret);
      return account === undefined ? [] : [keyFor(secret.metadata?.namespace, account.name)];
    });
    const queue = reconciler({
      async reconcile(key) {
        const secret = secrets.get(key);
        const asked = secret && accountOfTokenSecret(secret);
        if (secret === undefined || asked === undefined) return;
        const account = await accountOf(secret, asked, accounts, client);
        if (account === undefined) return remove(secret, client);
        const filled = await filledTokenSecret(secret, account, { caPem: config.rootCaPem, sign });
        if (filled !== undefined) await client.update(secretType, filled).catch(unlessOvertaken);
      },
    });
    const references = reconciler({
      name: "serviceaccount-token-controller references",
      reconcile: (key) => forget(key, accounts, client),
    });
    const add = (secret: DeepReadonly<Secret>): void => {
      if (accountOfTokenSecret(secret) !== undefined) queue.add(keyOf(secret));
    };
    secrets.on({ added: add, updated: add, deleted: (secret) => references.add(referenceKey(secret)) });
    accounts.on({ deleted: (account) => ofAccount(keyOf(account)).forEach(add) });
  },
};

/** The one that is meant, by its uid where one is told; one that the informer does not know yet is asked for. */
async function accountOf(
  { metadata }: DeepReadonly<Secret>,
  { name, uid }: { readonly name: string; readonly uid: string },
  accounts: Accounts,
  client: Client,
): Promise<DeepReadonly<ServiceAccount> | undefined> {
  const { namespace = "" } = metadata ?? {};
  const isMeant = (account: DeepReadonly<ServiceAccount> | undefined): boolean =>
    account !== undefined && (uid === "" || account.metadata?.uid === uid);
  const known = accounts.get(keyFor(namespace, name));
  if (isMeant(known)) return known;
  const found = await client.get(serviceAccounts, { namespace, name }).catch(absent);
  return isMeant(found) ? found : undefined;
}

async function remove({ metadata }: DeepReadonly<Secret>, client: Client): Promise<void> {
  const { namespace, name = "", uid } = metadata ?? {};
  await client.delete(secretType, { namespace, name }, { preconditions: { uid } }).catch(unlessOvertaken);
}

/** All that is left of a secret when it is gone: `namespace/account uid/account name/secret name`. */
function referenceKey(secret: DeepReadonly<Secret>): string {
  const { name, uid } = accountOfTokenSecret(secret) ?? { name: "", uid: "" };
  const { namespace = "", name: secretName = "" } = secret.metadata ?? {};
  return [namespace, name, uid, secretName].join("/");
}

/** An account does not name a secret that is gone. */
async function forget(key: string, accounts: Accounts, client: Client): Promise<void> {
  const { namespace, name: rest } = splitKey(key);
  const [name = "", uid = "", secretName = ""] = rest.split("/");
  const account = accounts.get(keyFor(namespace, name));
  if (account === undefined || (uid !== "" && account.metadata?.uid !== uid)) return;
  const left = (account.secrets ?? []).filter((reference) => reference.name !== secretName);
  if (left.length === (account.secrets ?? []).length) return;
  await client.update(serviceAccounts, { ...account, secrets: left }).catch(absent);
}

function absent(thrown: unknown): undefined {
  if (!(thrown instanceof ApiError && thrown.reason === "NotFound")) throw thrown;
  return undefined;
}

/** It is gone, or another one by now, or somebody changed it: that is told, and looked at then. */
function unlessOvertaken(thrown: unknown): void {
  if (!(thrown instanceof ApiError && (thrown.reason === "NotFound" || thrown.reason === "Conflict"))) throw thrown;
}
