import type { ResourceQuota } from "../../api/generated/types/core-v1.ts";
import type { Quantities } from "../../api/core/quantities.ts";
import type { QuotaEvaluator } from "../../api/core/quota/evaluator.ts";
import { evaluatorsTracking } from "../../api/core/quota/evaluators.ts";
import { isInScopes, scopesOf } from "../../api/core/quota/scopes.ts";
import { resourcesCountedBy } from "../../api/core/quota/usage.ts";
import { deepEqual } from "../../api/machinery/equal.ts";
import type { DeepReadonly, KubeObject } from "../../api/machinery/object.ts";
import { qualified } from "../../api/machinery/status.ts";
import type { Informer, InformerHandler } from "../../client/informer.ts";
import { keyOf } from "../../client/lister.ts";
import type { Outcome } from "../../client/reconciler.ts";
import { resourceQuotas } from "../../client/resource-types.ts";
import type { Controller, ControllerDeps } from "../controller.ts";
import { watchResources } from "../discovery/known-resources.ts";
import { createMetadataInformers } from "../metadata/metadata-informers.ts";
import { CountedKinds } from "./counted-kinds.ts";
import { isUncounted, quotaStatus } from "./quota-status.ts";

type Quota = DeepReadonly<ResourceQuota>;

/** Milliseconds after which everything is counted again, for what nobody has told of: pods that are lost with their node. */
const resyncPeriod = 300_000;
/** So long a quota waits for a kind that cannot be watched; then it is counted without it. */
const patience = 30_000;

/** Counts what quotas allow, and gives back what is gone. https://kubernetes.io/docs/concepts/policy/resource-quotas/ */
export const resourceQuotaController: Controller = {
  name: "resourcequota-controller",
  start(deps) {
    const quotas = deps.informers.of(resourceQuotas);
    const known = watchResources(deps);
    const metadata = createMetadataInformers(deps);
    const queue = deps.reconciler({
      async reconcile(key) {
        return (await count(key, parts)) ?? { after: resyncPeriod };
      },
    });
    // Those that keep everybody waiting do not wait behind the others.
    const first = deps.reconciler({
      name: "resourcequota-controller, uncounted quotas",
      async reconcile(key) {
        const outcome = await count(key, parts);
        if (outcome === undefined) queue.addAfter(key, resyncPeriod);
        return outcome;
      },
    });
    const add = (quota: Quota): void => (isUncounted(quota) ? first : queue).add(keyOf(quota));
    const addCounting = (resource: string): void => {
      for (const quota of quotas.list()) if (resourcesCountedBy(quota).includes(resource)) add(quota);
    };
    const handlerFor = (resource: string): InformerHandler<KubeObject> =>
      replenish({ resource, quotas, add: (quota) => queue.add(keyOf(quota)), deps });
    const kinds = new CountedKinds({
      shared: deps.informers,
      metadata,
      known,
      clock: deps.clock,
      handlerFor,
      onSynced: addCounting,
    });
    const parts: Parts = { client: deps.client, clock: deps.clock, quotas, kinds };
    quotas.on({
      added: add,
      // Its status is what this controller and admission write.
      updated: (quota, old) => (deepEqual(quota.spec, old.spec) ? undefined : add(quota)),
    });
    known.onChange(() => {
      kinds.prune();
      for (const quota of quotas.list()) add(quota);
    });
    return async () => await metadata[Symbol.asyncDispose]();
  },
};

interface Parts extends Pick<ControllerDeps, "client" | "clock"> {
  readonly quotas: Informer<ResourceQuota>;
  readonly kinds: CountedKinds;
}

/** An outcome where it is not done yet. */
async function count(key: string, { client, clock, quotas, kinds }: Parts): Promise<Outcome> {
  const quota = quotas.get(key);
  if (quota === undefined) return undefined;
  const now = clock.now();
  const opened = new Map(resourcesCountedBy(quota).map((resource) => [resource, kinds.of(resource)]));
  const waits = [...opened.values()].map((kind) =>
    kind === undefined || kind.informer.hasSynced ? 0 : kind.startedAt + patience - now,
  );
  const wait = Math.max(0, ...waits);
  // What has synced wakes it.
  if (wait > 0) return { after: wait };
  const objectsOf = (resource: string): readonly DeepReadonly<KubeObject>[] | undefined => {
    const informer = opened.get(resource)?.informer;
    return informer?.hasSynced === true ? [...informer.list(quota.metadata?.namespace)] : undefined;
  };
  const status = quotaStatus(quota, objectsOf, now);
  if (status !== undefined) await client.update(resourceQuotas, { ...quota, status }, "status");
  return undefined;
}

interface Replenish {
  readonly resource: string;
  readonly quotas: Informer<ResourceQuota>;
  readonly add: (quota: Quota) => void;
  readonly deps: Pick<ControllerDeps, "clock">;
}

/** Wakes the quotas that have something to give back. What is made, admission has counted. */
function replenish({ resource, quotas, add, deps }: Replenish): InformerHandler<KubeObject> {
  const forEach = (
    { metadata }: DeepReadonly<KubeObject>,
    call: (quota: Quota, evaluator: QuotaEvaluator) => void,
  ): void => {
    for (const quota of quotas.list(metadata?.namespace)) {
      const evaluator = evaluatorsTracking(Object.keys(quota.spec?.hard ?? {})).find(
        ({ counts }) => qualified(counts) === resource,
      );
      if (evaluator !== undefined) call(quota, evaluator);
    }
  };
  return {
    deleted: (object) => forEach(object, add),
    updated(object, old) {
      const now = deps.clock.now();
      forEach(object, (quota, evaluator) => {
        const scopes = scopesOf(quota);
        const isMoved = isInScopes(evaluator, object, scopes) !== isInScopes(evaluator, old, scopes);
        if (isMoved || !isSame(evaluator.usage(object, now), evaluator.usage(old, now))) add(quota);
      });
    },
  };
}

function isSame(one: Quantities, other: Quantities): boolean {
  if (one === other) return true;
  return one.size === other.size && [...one].every(([name, { nano }]) => other.get(name)?.nano === nano);
}
