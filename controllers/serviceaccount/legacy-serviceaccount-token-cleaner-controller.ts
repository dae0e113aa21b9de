import { timeMillis } from "../../api/machinery/time.ts";
import { ApiError } from "../../api/machinery/status.ts";
import { dayOf, invalidSinceLabel } from "../../auth/tokens/legacy-token.ts";
import type { Client } from "../../client/client.ts";
import { keyFor } from "../../client/lister.ts";
import { configMaps, pods as podType, secrets as secretType, serviceAccounts } from "../../client/resource-types.ts";
import type { Controller } from "../controller.ts";
import { isDay, planCleanUp, type Step } from "./stale-token-secrets.ts";

const dayMs = 86_400_000;
/** Written by the API server: since when it labels secrets with the day on which their tokens are used. */
const tracking = { namespace: "kube-system", name: "kube-apiserver-legacy-service-account-token-tracking" };

/** Looks once a day for tokens in secrets that nobody uses. */
export const legacyServiceAccountTokenCleanerController: Controller = {
  name: "legacy-serviceaccount-token-cleaner-controller",
  serviceAccount: "legacy-service-account-token-cleaner",
  start({ client, informers, reconciler, config, clock, log }) {
    const secrets = informers.of(secretType);
    const accounts = informers.of(serviceAccounts);
    const pods = informers.of(podType);
    const cleanUpMs = config.legacyTokenCleanUpMs;
    const queue = reconciler({
      async reconcile() {
        const since = await trackedSince(client);
        const now = clock.now();
        if (since === undefined) log.warn("the day is not known since when the use of tokens is tracked");
        // The first day was not a whole one.
        else if (now >= since + dayMs + cleanUpMs) {
          const steps = planCleanUp({
            secrets: secrets.list(),
            account: (namespace, name) => accounts.get(keyFor(namespace, name)),
            pods: (namespace) => pods.list(namespace),
            now,
            cleanUpMs,
          });
          for (const step of steps) await take(step, client, dayOf(now));
        }
        return { after: dayMs };
      },
    });
    queue.add("secrets");
  },
};

async function trackedSince(client: Client): Promise<number | undefined> {
  const { data } = await client.get(configMaps, tracking);
  const since = data?.["since"] ?? "";
  return isDay(since) ? timeMillis(`${since}T00:00:00Z`) : undefined;
}

/** Only if it is still what was looked at. */
async function take({ secret: { metadata = {} }, do: what }: Step, client: Client, today: string): Promise<void> {
  const { namespace, name = "", uid, resourceVersion } = metadata;
  const done =
    what === "delete"
      ? client.delete(secretType, { namespace, name }, { preconditions: { resourceVersion } })
      : client.patch(
          secretType,
          { namespace, name },
          { metadata: { ...(uid === undefined ? {} : { uid }), labels: { [invalidSinceLabel]: today } } },
        );
  await done.catch((thrown: unknown) => {
    if (!(thrown instanceof ApiError && (thrown.reason === "NotFound" || thrown.reason === "Conflict"))) throw thrown;
  });
}
