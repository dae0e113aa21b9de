import type { Node, Pod } from "../../api/generated/types/core-v1.ts";
import { podCondition } from "../../api/core/pod-state.ts";
import type { DeepReadonly } from "../../api/machinery/object.ts";
import { ApiError } from "../../api/machinery/status.ts";
import { formatTime } from "../../api/machinery/time.ts";
import { keyOf } from "../../client/lister.ts";
import { nodes as nodeType, pods as podType } from "../../client/resource-types.ts";
import type { ControllerDeps } from "../controller.ts";
import { readiness } from "./node-taints.ts";

/** When a node has fallen silent, its pods cannot be counted upon: services must not send traffic to them. */
export function keepPodsNotReady(deps: ControllerDeps): void {
  const { client, clock, events, informers } = deps;
  const nodes = informers.of(nodeType);
  const pods = informers.of(podType);
  const podsOn = pods.index(({ spec }) => (spec?.nodeName ? [spec.nodeName] : []));
  const isSilent = (node: DeepReadonly<Node> | undefined): boolean =>
    node !== undefined && readiness(node) === "Unknown";
  const reconciler = deps.reconciler({
    name: "node-lifecycle-controller pods",
    workers: 8,
    async reconcile(key) {
      const pod = pods.get(key);
      if (pod === undefined || !isSilent(nodes.get(pod.spec?.nodeName ?? ""))) return;
      const ready = podCondition(pod, "Ready");
      if (ready === undefined || ready.status === "False") return;
      const { namespace, name = "", uid } = pod.metadata ?? {};
      const conditions = [{ type: "Ready", status: "False", lastTransitionTime: formatTime(clock.now()) }];
      const options = { type: "strategic", subresource: "status" } as const;
      try {
        await client.patch(podType, { namespace, name }, { metadata: { uid }, status: { conditions } }, options);
      } catch (thrown) {
        if (thrown instanceof ApiError && thrown.reason === "NotFound") return;
        throw thrown;
      }
      events.event(pod, { type: "Warning", reason: "NodeNotReady", message: "Node is not ready" });
    },
  });
  const wake = (pod: DeepReadonly<Pod>): void => reconciler.add(keyOf(pod));
  const wakePods = (node: DeepReadonly<Node>): void => podsOn(node.metadata?.name ?? "").forEach(wake);
  nodes.on({
    added(node) {
      if (isSilent(node)) wakePods(node);
    },
    updated(node, old) {
      if (isSilent(node) && !isSilent(old)) wakePods(node);
    },
  });
  pods.on({
    added(pod) {
      if (isSilent(nodes.get(pod.spec?.nodeName ?? ""))) wake(pod);
    },
  });
}
