import type { ConfigMap } from "../../api/generated/types/core-v1.ts";
import { timeMillis } from "../../api/machinery/time.ts";
import type { Transport } from "../../api/wire.ts";
import { dayOf } from "../../auth/tokens/legacy-token.ts";
import { call } from "../../client/call.ts";

const url = "/api/v1/namespaces/kube-system/configmaps/kube-apiserver-legacy-service-account-token-tracking";

/** The object that says since when; made where there is none. */
export function legacyTokenTracking(now: number): ConfigMap {
  return {
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name: url.split("/").at(-1) ?? "", namespace: "kube-system" },
    data: { since: dayOf(now) },
  };
}

/** What is no day is today: from now on it is known which tokens of secrets are used. */
export async function repairLegacyTokenTracking(transport: Transport, now: number): Promise<void> {
  const { data = {} } = await call<ConfigMap>(transport, { method: "GET", url });
  const { since = "" } = data;
  if (/^\d{4}-\d{2}-\d{2}$/.test(since) && timeMillis(`${since}T00:00:00Z`) !== undefined) return;
  const body = { data: { since: dayOf(now) } };
  await call(transport, { method: "PATCH", url, contentType: "application/merge-patch+json", body });
}
