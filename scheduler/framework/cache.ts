/**
 * The nodes and their pods as the scheduler sees them: what informers told, and the pods that it has placed but whose
 * binding nobody told yet (assumed pods).
 */
import type { Node } from "../../api/generated/types/core-v1.ts";
import type { DeepReadonly } from "../../api/machinery/object.ts";
import { createNodeInfo, type NodeFacts, type NodeInfo, nodeFactsOf } from "./node-info.ts";
import { createNodeOrder } from "./node-order.ts";
import { isSameNeighbour, type PodInfo } from "./pod-info.ts";
import { createLiveSnapshot } from "./live-snapshot.ts";
import type { Snapshot } from "./snapshot.ts";

export interface SchedulerCache {
  /** Added or changed. */
  setNode(node: DeepReadonly<Node>): void;
  removeNode(name: string): void;
  /** A bound pod, added or changed. One that was assumed no longer is: what the informer says counts, also another node. */
  setPod(pod: PodInfo): void;
  /** Gone or finished. */
  removePod(uid: string): void;
  /** The pod counts as if it ran there, until setPod, forgetPod or removePod. False if the pod is known already. */
  assumePod(pod: PodInfo, nodeName: string): boolean;
  /** It could not be bound. Nothing happens to a pod that is not assumed. */
  forgetPod(uid: string): void;
  isAssumed(uid: string): boolean;
  getPod(uid: string): PodInfo | undefined;
  readonly podCount: number;
  /**
   * The state of now. It is one object that each call brings up to date, at the cost of the nodes that changed; it does
   * not change between calls.
   */
  snapshot(): Snapshot;
}

interface NodeRecord {
  /** Undefined: pods were told of a node that is not, or not yet, known. */
  facts: NodeFacts | undefined;
  readonly pods: Map<string, PodInfo>;
}

interface Place {
  readonly pod: PodInfo;
  readonly nodeName: string;
  readonly isAssumed: boolean;
}

export function createSchedulerCache(): SchedulerCache {
  const records = new Map<string, NodeRecord>();
  const places = new Map<string, Place>();
  const order = createNodeOrder();
  const live = createLiveSnapshot();
  const changed = new Set<string>();
  /** Nodes where pods tell something new that changes nothing for others. */
  const retold = new Set<string>();
  let generation = 0;

  const recordOf = (nodeName: string): NodeRecord => {
    let record = records.get(nodeName);
    if (record === undefined) records.set(nodeName, (record = { facts: undefined, pods: new Map() }));
    changed.add(nodeName);
    return record;
  };
  const place = (pod: PodInfo, nodeName: string, isAssumed: boolean): void => {
    const before = places.get(pod.uid);
    places.set(pod.uid, { pod, nodeName, isAssumed });
    if (before?.nodeName === nodeName && isSameNeighbour(before.pod, pod)) {
      records.get(nodeName)?.pods.set(pod.uid, pod);
      retold.add(nodeName);
    } else recordOf(nodeName).pods.set(pod.uid, pod);
  };
  const displace = (uid: string): void => {
    const at = places.get(uid);
    if (at === undefined) return;
    places.delete(uid);
    const record = recordOf(at.nodeName);
    record.pods.delete(uid);
    if (record.facts === undefined && record.pods.size === 0) records.delete(at.nodeName);
  };
  const currentInfo = (nodeName: string): NodeInfo | undefined => {
    const record = records.get(nodeName);
    if (record?.facts === undefined) return undefined;
    return createNodeInfo(record.facts, [...record.pods.values()], ++generation);
  };

  const retell = (nodeName: string): void => {
    const info = live.get(nodeName);
    const pods = records.get(nodeName)?.pods.values();
    if (info !== undefined && pods !== undefined && !changed.has(nodeName)) live.retell({ ...info, pods: [...pods] });
  };

  return {
    setNode(node) {
      const facts = nodeFactsOf(node);
      recordOf(facts.name).facts = facts;
      order.set(facts.name, facts.labels);
    },
    removeNode(name) {
      const record = recordOf(name);
      record.facts = undefined;
      order.remove(name);
      if (record.pods.size === 0) records.delete(name);
    },
    setPod(pod) {
      const nodeName = pod.pod.spec?.nodeName ?? "";
      if (places.get(pod.uid)?.nodeName !== nodeName) displace(pod.uid);
      if (nodeName !== "") place(pod, nodeName, false);
    },
    removePod: displace,
    assumePod(pod, nodeName) {
      if (places.has(pod.uid)) return false;
      place(pod, nodeName, true);
      return true;
    },
    forgetPod(uid) {
      if (places.get(uid)?.isAssumed === true) displace(uid);
    },
    isAssumed: (uid) => places.get(uid)?.isAssumed ?? false,
    getPod: (uid) => places.get(uid)?.pod,
    get podCount() {
      return places.size;
    },
    snapshot() {
      for (const nodeName of retold) retell(nodeName);
      for (const nodeName of changed) live.replace(nodeName, currentInfo(nodeName));
      retold.clear();
      changed.clear();
      live.reorder(order);
      return live;
    },
  };
}
