import { scopesOf } from "../../../api/core/quota/scopes.ts";
import { resourcesCountedBy, usageOf } from "../../../api/core/quota/usage.ts";
import { type QuantityTexts, readQuantities, sameQuantities } from "../../../api/core/quantities.ts";
import type { ResourceQuota, ResourceQuotaStatus } from "../../../api/generated/types/core-v1.ts";
import { deepClone } from "../../../api/machinery/clone.ts";
import { getOwn, setOwn } from "../../../api/machinery/members.ts";
import type { DeepReadonly, KubeObject } from "../../../api/machinery/object.ts";
import type { ObjectReader, ObjectWriter } from "../object-reader.ts";
import type { Standing } from "./check.ts";
import { updateQuota } from "./quota-status.ts";

type Quota = DeepReadonly<ResourceQuota>;

/** A quota whose status is behind its spec is brought up to date first: nothing else may have counted yet. */
export async function readStandings(
  namespace: string,
  deps: { readonly reader: ObjectReader; readonly writer: ObjectWriter; readonly now: number },
): Promise<readonly Standing[]> {
  const list = (): Promise<readonly Quota[]> => deps.reader.list<ResourceQuota>("resourcequotas", namespace);
  let quotas = await list();
  const behind = quotas.filter((quota) => isBehind(quota));
  for (const quota of behind) await bringUpToDate(namespace, quota, deps);
  if (behind.length > 0) quotas = await list();
  return quotas.map((quota) => ({
    name: quota.metadata?.name ?? "",
    scopes: scopesOf(quota),
    hard: readQuantities(quota.status?.hard),
    used: readQuantities(quota.status?.used),
  }));
}

function isBehind({ spec, status }: Quota): boolean {
  const { hard = {} } = spec ?? {};
  return (
    !sameQuantities(hard, status?.hard) || Object.keys(hard).some((name) => !Object.hasOwn(status?.used ?? {}, name))
  );
}

async function bringUpToDate(
  namespace: string,
  quota: Quota,
  { reader, writer, now }: Parameters<typeof readStandings>[1],
): Promise<void> {
  const counted = resourcesCountedBy(quota);
  const lists = await Promise.all(counted.map((resource) => reader.list(resource, namespace)));
  const objects = new Map<string, readonly DeepReadonly<KubeObject>[]>(
    counted.map((resource, index) => [resource, lists[index] ?? []]),
  );
  const usage = usageOf(quota, (resource) => objects.get(resource) ?? [], now);
  const name = quota.metadata?.name ?? "";
  await updateQuota(writer, namespace, name, (current) =>
    isBehind(current) ? { ...deepClone<ResourceQuota>(current), status: statusOf(current, usage) } : undefined,
  );
}

/** What is counted already stays: it knows of objects that are admitted and not stored yet. */
function statusOf({ spec, status }: Quota, usage: QuantityTexts): ResourceQuotaStatus {
  const used: Record<string, string> = {};
  for (const name of Object.keys(spec?.hard ?? {})) {
    const amount = getOwn(status?.used ?? {}, name) ?? getOwn(usage, name);
    if (amount !== undefined) setOwn(used, name, amount);
  }
  return { hard: { ...spec?.hard }, used };
}
