import { nodes } from "../../client/resource-types.ts";
import type { Controller } from "../controller.ts";

const annotation = "node.alpha.kubernetes.io/ttl";

/** How long kubelets may go by what they know of secrets and config maps: in seconds, by the number of nodes. The ranges overlap, so that one node more or less does not change all. */
const steps = [
  { from: 0, to: 100, seconds: 0 },
  { from: 90, to: 500, seconds: 15 },
  { from: 450, to: 1000, seconds: 30 },
  { from: 900, to: 2000, seconds: 60 },
  { from: 1800, to: Number.MAX_SAFE_INTEGER, seconds: 300 },
] as const;

/** Tells every node how fresh its view has to be. https://kubernetes.io/docs/reference/labels-annotations-taints/#node-alpha-kubernetes-io-ttl */
export const ttlController: Controller = {
  name: "ttl-controller",
  start({ client, informers, reconciler }) {
    const all = informers.of(nodes);
    let step = 0;
    const queue = reconciler({
      async reconcile(name) {
        const node = all.get(name);
        const wanted = String(steps[step]?.seconds ?? 0);
        if (node === undefined || node.metadata?.annotations?.[annotation] === wanted) return;
        await client.patch(nodes, { name }, { metadata: { annotations: { [annotation]: wanted } } });
      },
    });
    const count = (): void => {
      const before = step;
      step = stepFor(all.size, step);
      if (step !== before) for (const { metadata } of all.list()) queue.add(metadata?.name ?? "");
    };
    all.on({
      added({ metadata }) {
        count();
        queue.add(metadata?.name ?? "");
      },
      updated: ({ metadata }) => queue.add(metadata?.name ?? ""),
      deleted: count,
    });
  },
};

/** From where it was, so far as the number of nodes makes it move. */
export function stepFor(size: number, before: number): number {
  let step = before;
  while (size > (steps[step]?.to ?? 0)) step += 1;
  while (size < (steps[step]?.from ?? 0)) step -= 1;
  return step;
}
