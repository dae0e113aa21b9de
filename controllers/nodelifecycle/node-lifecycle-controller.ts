import type { Node } from "../../api/generated/types/core-v1.ts";
import type { DeepReadonly } from "../../api/machinery/object.ts";
import type { Client } from "../../client/client.ts";
import type { Informer } from "../../client/informer.ts";
import { keyOf } from "../../client/lister.ts";
import { leases as leaseType, nodes as nodeType } from "../../client/resource-types.ts";
import type { Outcome } from "../../client/reconciler.ts";
import type { Controller, ControllerDeps } from "../controller.ts";
import { Monitor } from "./monitor.ts";
import { planLabels } from "./node-labels.ts";
import { missingTaint, planTaints, withEvictingTaint } from "./node-taints.ts";
import { keepPodsNotReady } from "./pods-not-ready.ts";
import { TaintingPace } from "./tainting-pace.ts";
import { zoneOf } from "./zones.ts";

const name = "node-lifecycle-controller";

/**
 * Notices nodes that fall silent, and taints nodes as their conditions say: so that no pods come, and those that are
 * there go (which is the taint eviction controller's work).
 * https://kubernetes.io/docs/concepts/architecture/nodes/#node-controller
 */
export const nodeLifecycleController: Controller = {
  name,
  serviceAccount: "node-controller",
  start(deps) {
    const nodes = deps.informers.of(nodeType);
    const parts: Parts = { nodes, paces: new Map(), released: new Set(), deps };
    const described = deps.reconciler({ reconcile: (key) => describe(key, parts), workers: 8 });
    nodes.on({
      added: (node) => described.add(keyOf(node)),
      updated: (node) => described.add(keyOf(node)),
    });
    const tainted = deps.reconciler({
      name: `${name} zones`,
      reconcile: (zone) => taintNext(zone, parts),
    });
    const monitor = new Monitor({ ...deps, nodes, leases: deps.informers.of(leaseType) });
    const period = deps.config.nodeMonitorPeriodMs;
    const looking = deps.reconciler({
      name: `${name} monitor`,
      backoff: { first: period, most: period },
      async reconcile() {
        const { disruption, tainting } = await monitor.look();
        for (const [zone, rate] of disruption.rates) paceOf(zone, parts).setRate(rate, deps.clock.now());
        if (disruption.turn === "lost all") releaseAll(parts, (key) => described.add(key));
        for (const zone of tainting.keys()) paceOf(zone, parts);
        for (const [zone, pace] of parts.paces) {
          pace.keepWaiting(tainting.get(zone) ?? []);
          if (pace.waiting.size > 0) tainted.add(zone);
        }
        return { after: period };
      },
    });
    looking.add("nodes");
    keepPodsNotReady(deps);
  },
};

interface Parts {
  readonly nodes: Informer<Node>;
  /** By zone. */
  readonly paces: Map<string, TaintingPace>;
  /** Nodes that are to lose their taints that evict, whatever their conditions say. */
  readonly released: Set<string>;
  readonly deps: Pick<ControllerDeps, "client" | "clock">;
}

function paceOf(zone: string, { paces }: Parts): TaintingPace {
  const pace = paces.get(zone) ?? new TaintingPace();
  paces.set(zone, pace);
  return pace;
}

/** Nobody is evicted while no node is heard of. */
function releaseAll({ nodes, released }: Parts, add: (key: string) => void): void {
  for (const node of nodes.list()) {
    released.add(keyOf(node));
    add(keyOf(node));
  }
}

/** Labels and taints that follow from the node itself, at once. */
async function describe(key: string, { nodes, released, deps }: Parts): Promise<void> {
  const node = nodes.get(key);
  const release = released.has(key);
  if (node !== undefined) {
    const taints = planTaints(node, { now: deps.clock.now(), release });
    const labels = planLabels(node.metadata?.labels);
    if (taints !== undefined || labels !== undefined) await change(node, { taints, labels }, deps.client);
  }
  if (release) released.delete(key);
}

/** Gives nodes of a zone their taint, as many as may have it now. */
async function taintNext(zone: string, parts: Parts): Promise<Outcome> {
  const { nodes, deps } = parts;
  const pace = paceOf(zone, parts);
  for (const waiting of pace.waiting) {
    const node = nodes.get(waiting);
    const key = node !== undefined && zoneOf(node) === zone ? missingTaint(node) : undefined;
    if (node !== undefined && key !== undefined) {
      const now = deps.clock.now();
      const wait = pace.wait(now);
      // While nobody may be tainted, the next change of the rate tells.
      if (wait === Infinity) return undefined;
      if (wait > 0) return { after: wait };
      await change(node, { taints: withEvictingTaint(node, key, now) }, deps.client);
      pace.spend(now);
    }
    pace.waiting.delete(waiting);
  }
  return undefined;
}

interface Change {
  readonly taints?: NonNullable<DeepReadonly<Node>["spec"]>["taints"] | undefined;
  readonly labels?: Readonly<Record<string, string>> | undefined;
}

/** Taints are one list: whoever else has changed it meanwhile must not be overwritten. */
async function change({ metadata }: DeepReadonly<Node>, { taints, labels }: Change, client: Client): Promise<void> {
  const { name: node = "", resourceVersion } = metadata ?? {};
  await client.patch(
    nodeType,
    { name: node },
    {
      metadata: { ...(taints === undefined ? {} : { resourceVersion }), ...(labels === undefined ? {} : { labels }) },
      ...(taints === undefined ? {} : { spec: { taints } }),
    },
  );
}
