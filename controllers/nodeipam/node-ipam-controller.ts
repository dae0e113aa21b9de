import type { Node } from "../../api/generated/types/core-v1.ts";
import type { ServiceCIDR } from "../../api/generated/types/networking-v1.ts";
import type { DeepReadonly } from "../../api/machinery/object.ts";
import type { Informer } from "../../client/informer.ts";
import { nodes as nodeType, serviceCidrs } from "../../client/resource-types.ts";
import type { Controller, ControllerDeps } from "../controller.ts";
import { NodeRanges, podRangesOf } from "./node-ranges.ts";

/**
 * Gives each node its share of the pods' addresses.
 * https://kubernetes.io/docs/concepts/architecture/nodes/#node-controller
 */
export const nodeIpamController: Controller = {
  name: "node-ipam-controller",
  serviceAccount: "node-controller",
  component: "cidrAllocator",
  start(deps) {
    if (deps.config.podRanges.length === 0) return;
    const nodes = deps.informers.of(nodeType);
    const ranges = new NodeRanges(deps.config);
    const waiting = new Set<string>();
    const reconciler = deps.reconciler({
      reconcile: (name) => reconcile(name, { nodes, ranges, waiting, deps }),
      workers: 30,
    });
    // What nodes have is known before the first one gets something: the queue begins when all have been seen.
    const see = (node: DeepReadonly<Node>): void => {
      ranges.known(node);
      if (podRangesOf(node).length === 0) reconciler.add(node.metadata?.name ?? "");
    };
    nodes.on({
      added: see,
      updated: see,
      deleted({ metadata }) {
        const name = metadata?.name ?? "";
        ranges.gone(name);
        waiting.delete(name);
        const [next] = waiting;
        if (next !== undefined) reconciler.add(next);
      },
    });
    const cidrs = deps.informers.of(serviceCidrs);
    const each = ({ spec }: DeepReadonly<ServiceCIDR>, call: (range: string) => void): void =>
      spec?.cidrs?.forEach(call);
    cidrs.on({
      added: (cidr) => each(cidr, (range) => ranges.reserve(range)),
      updated(cidr, old) {
        each(cidr, (range) => ranges.reserve(range));
        each(old, (range) => ranges.free(range));
      },
      deleted: (cidr) => each(cidr, (range) => ranges.free(range)),
    });
  },
};

interface Parts {
  readonly nodes: Informer<Node>;
  readonly ranges: NodeRanges;
  /** Nodes that there was no range for. */
  readonly waiting: Set<string>;
  readonly deps: Pick<ControllerDeps, "client" | "events">;
}

async function reconcile(name: string, { nodes, ranges, waiting, deps }: Parts): Promise<void> {
  const node = nodes.get(name);
  if (node === undefined || node.metadata?.deletionTimestamp !== undefined || podRangesOf(node).length > 0) {
    waiting.delete(name);
    return;
  }
  const offered = ranges.offer(name);
  if (offered === undefined) {
    waiting.add(name);
    tell(node, "CIDRNotAvailable", deps);
    throw new Error(`no range of pod addresses is left for node ${name}`);
  }
  waiting.delete(name);
  try {
    const change = { metadata: { uid: node.metadata?.uid }, spec: { podCIDR: offered[0], podCIDRs: offered } };
    await deps.client.patch(nodeType, { name }, change, { type: "strategic" });
  } catch (thrown) {
    tell(node, "CIDRAssignmentFailed", deps);
    throw thrown;
  }
}

function tell(node: DeepReadonly<Node>, reason: string, { events }: Pick<ControllerDeps, "events">): void {
  const message = `Node ${node.metadata?.name ?? ""} status is now: ${reason}`;
  events.event(node, { type: "Normal", reason, message });
}
