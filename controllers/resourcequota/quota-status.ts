import type { ResourceQuota, ResourceQuotaStatus } from "../../api/generated/types/core-v1.ts";
import { type QuantityTexts, sameQuantities } from "../../api/core/quantities.ts";
import { evaluatorsTracking } from "../../api/core/quota/evaluators.ts";
import { usageOf } from "../../api/core/quota/usage.ts";
import { getOwn, setOwn } from "../../api/machinery/members.ts";
import type { DeepReadonly, KubeObject } from "../../api/machinery/object.ts";
import { qualified } from "../../api/machinery/status.ts";

type Quota = DeepReadonly<ResourceQuota>;
/** A namespace's objects of a resource; undefined where they cannot be known. */
export type Objects = (resource: string) => readonly DeepReadonly<KubeObject>[] | undefined;

/** The status that is true now, or undefined where it is that already. What cannot be counted stays as it was. */
export function quotaStatus(quota: Quota, objectsOf: Objects, now: number): ResourceQuotaStatus | undefined {
  const { hard = {} } = quota.spec ?? {};
  const names = Object.keys(hard);
  const found = new Map<string, readonly DeepReadonly<KubeObject>[]>();
  const counting = evaluatorsTracking(names).filter(({ counts }) => {
    const objects = objectsOf(qualified(counts));
    if (objects !== undefined) found.set(qualified(counts), objects);
    return objects !== undefined;
  });
  const usage = usageOf(quota, (resource) => found.get(resource) ?? [], now);
  const used: Record<string, string> = {};
  for (const name of names) {
    const isCounted = counting.some((evaluator) => evaluator.tracks(name));
    const amount = getOwn(isCounted ? usage : (quota.status?.used ?? {}), name);
    if (amount !== undefined) setOwn(used, name, amount);
  }
  return isTrue(quota.status, hard, used) ? undefined : { hard: { ...hard }, used };
}

/** Nothing used is another thing than not counted. */
function isTrue(status: Quota["status"], hard: QuantityTexts, used: QuantityTexts): boolean {
  if (status?.hard === undefined || status.used === undefined) return false;
  return sameQuantities(hard, status.hard) && sameQuantities(used, status.used);
}

/** A quota that says something its status does not know of yet: nothing can be made by it until that is counted. */
export function isUncounted({ spec, status }: Quota): boolean {
  const { hard = {} } = spec ?? {};
  if (!sameQuantities(hard, status?.hard)) return true;
  const missing = Object.keys(hard).filter((name) => !Object.hasOwn(status?.used ?? {}, name));
  return evaluatorsTracking(missing).length > 0;
}
