import type { Node, Pod, PodCondition } from "../../api/generated/types/core-v1.ts";
import { isPodTerminal, podCondition } from "../../api/core/pod-state.ts";
import type { DeepReadonly } from "../../api/machinery/object.ts";
import { ApiError } from "../../api/machinery/status.ts";
import { formatTime } from "../../api/machinery/time.ts";
import type { Client } from "../../client/client.ts";
import type { Informer } from "../../client/informer.ts";
import { nodes as nodeType, pods as podType } from "../../client/resource-types.ts";
import type { Controller, ControllerDeps } from "../controller.ts";
import { MissingNodes } from "./missing-nodes.ts";
import { plan, type Removal } from "./plan.ts";

/** So many pods at once. */
const batch = 50;

/** https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#pod-garbage-collection */
export const podGarbageCollectorController: Controller = {
  name: "pod-garbage-collector-controller",
  serviceAccount: "pod-garbage-collector",
  start({ client, clock, config, informers, log, reconciler }) {
    const pods = informers.of(podType);
    const nodes = informers.of(nodeType);
    const missing = new MissingNodes();
    const queue = reconciler({
      async reconcile() {
        const all = [...pods.list()];
        const removals = plan({
          pods: all,
          node: (name) => nodes.get(name),
          goneNodes: await goneNodes(all, nodes, missing, { client, clock, log }),
          terminatedPodThreshold: config.terminatedPodThreshold,
        });
        for (let at = 0; at < removals.length; at += batch)
          await Promise.all(removals.slice(at, at + batch).map((removal) => remove(removal, { client, clock, log })));
        return { after: config.podCollectionPeriodMs };
      },
    });
    queue.add("pods");
  },
};

type Deps = Pick<ControllerDeps, "client" | "clock" | "log">;

/** The nodes that pods are bound to and that the server says are no more. */
async function goneNodes(
  pods: readonly DeepReadonly<Pod>[],
  nodes: Informer<Node>,
  missing: MissingNodes,
  { client, clock, log }: Deps,
): Promise<ReadonlySet<string>> {
  const unknown = new Set(
    pods.map(({ spec }) => spec?.nodeName ?? "").filter((name) => name !== "" && nodes.get(name) === undefined),
  );
  const gone = new Set<string>();
  for (const name of missing.update(unknown, clock.now())) {
    missing.forget(name);
    try {
      await client.get(nodeType, { name });
    } catch (thrown) {
      if (thrown instanceof ApiError && thrown.reason === "NotFound") gone.add(name);
      else log.warn("a node could not be asked for", { node: name, error: String(thrown) });
    }
  }
  return gone;
}

/** One that cannot be removed now is found again next time. */
async function remove({ pod, isOrphan }: Removal, { client, clock, log }: Deps): Promise<void> {
  const { namespace, name = "", uid } = pod.metadata ?? {};
  try {
    if (!isPodTerminal(pod)) await markFailed(pod, isOrphan ? orphaned(pod, clock.now()) : undefined, client);
    await client.delete(podType, { namespace, name }, { gracePeriodSeconds: 0, preconditions: { uid } });
  } catch (thrown) {
    if (thrown instanceof ApiError && (thrown.code === 404 || thrown.code === 409)) return;
    log.warn("a pod could not be collected", { pod: `${namespace ?? ""}/${name}`, error: String(thrown) });
  }
}

/** No kubelet is left to say so, and who waits for the pod's end must learn of it. */
async function markFailed(
  { metadata }: DeepReadonly<Pod>,
  condition: PodCondition | undefined,
  client: Client,
): Promise<void> {
  const { namespace, name = "", uid, generation } = metadata ?? {};
  const status = {
    phase: "Failed",
    ...(generation === undefined ? {} : { observedGeneration: generation }),
    ...(condition === undefined ? {} : { conditions: [condition] }),
  };
  const patch = { metadata: { uid }, status };
  await client.patch(podType, { namespace, name }, patch, { subresource: "status", type: "strategic" });
}

/** https://kubernetes.io/docs/concepts/workloads/pods/disruptions/#pod-disruption-conditions */
function orphaned(pod: DeepReadonly<Pod>, now: number): PodCondition {
  const before = podCondition(pod, "DisruptionTarget");
  const since = before?.status === "True" ? before.lastTransitionTime : undefined;
  const { generation } = pod.metadata ?? {};
  return {
    type: "DisruptionTarget",
    status: "True",
    reason: "DeletionByPodGC",
    message: "PodGC: node no longer exists",
    lastTransitionTime: since ?? formatTime(now),
    ...(generation === undefined ? {} : { observedGeneration: generation }),
  };
}
