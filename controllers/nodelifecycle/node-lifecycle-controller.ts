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
import { missingTaint, planTaints, type Turn } from "./node-taints.ts";
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
  component: "node-controller",
  start(deps) {
    const nodes = deps.informers.of(nodeType);
    const parts: Parts = { nodes, paces: new Map(), turns: new Map(), deps };
    const described = deps.reconciler({ reconcile: (key) => describe(key, parts), workers: 8 });
    nodes.on({
      added: (node) => described.add(keyOf(node)),
      updated: (node) => described.add(keyOf(node)),
    });
    const tainted = deps.reconciler({
      name: `${name} zones`,
      reconcile: (zone) => Promise.resolve(grantTurns(zone, parts, (key) => described.add(key))),
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
  /** Of nodes whose turn it is, or that are to lose their taints that evict, whatever their conditions say. */
  readonly turns: Map<string, Turn>;
  readonly deps: Pick<ControllerDeps, "client" | "clock">;
}

function paceOf(zone: string, { paces }: Parts): TaintingPace {
  const pace = paces.get(zone) ?? new TaintingPace();
  paces.set(zone, pace);
  return pace;
}

/** Nobody is evicted while no node is heard of. */
function releaseAll({ nodes, turns }: Parts, add: (key: string) => void): void {
  for (const node of nodes.list()) {
    turns.set(keyOf(node), "never");
    add(keyOf(node));
  }
}

/** Lets nodes of a zone have their taint, as many as may have it now. */
function grantTurns(zone: string, parts: Parts, add: (key: string) => void): Outcome {
  const { nodes, turns, deps } = parts;
  const pace = paceOf(zone, parts);
  for (const key of pace.waiting) {
    const node = nodes.get(key);
    if (node !== undefined && zoneOf(node) === zone && missingTaint(node) !== undefined) {
      const now = deps.clock.now();
      const wait = pace.wait(now);
      // While nobody may be tainted, the next change of the rate tells.
      if (wait > 0) return wait === Infinity ? undefined : { after: wait };
      pace.spend(now);
      turns.set(key, "now");
      add(key);
    }
    pace.waiting.delete(key);
  }
  return undefined;
}

/** The labels and taints of a node: all of them are written here, so that no two writes get into each other's way. */
async function describe(key: string, { nodes, turns, deps }: Parts): Promise<void> {
  const node = nodes.get(key);
  const turn = turns.get(key) ?? "later";
  if (node !== undefined) {
    const taints = planTaints(node, { now: deps.clock.now(), turn });
    const labels = planLabels(node.metadata?.labels);
    if (taints !== undefined || labels !== undefined) await change(node, { taints, labels }, deps.client);
  }
  if (turns.get(key) === turn) turns.delete(key);
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
