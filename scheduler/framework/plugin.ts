/**
 * The extension points of the scheduling framework.
 * https://kubernetes.io/docs/concepts/scheduling-eviction/scheduling-framework/#interfaces
 *
 * A plugin keeps no state of cycles. What it learns of a pod in PreFilter or PreScore it answers as an object whose
 * methods go on from there: that object is upstream's CycleState, typed and private to the plugin.
 */
import type { AnyRegisteredEvent } from "./events.ts";
import type { NodeInfo } from "./node-info.ts";
import type { PodInfo } from "./pod-info.ts";
import type { Snapshot } from "./snapshot.ts";
import type { Rejected, Skip, Wait } from "./status.ts";

export interface Plugin {
  readonly name: string;
  /** What may make a pod schedulable that this plugin rejected. */
  readonly events?: readonly AnyRegisteredEvent[];

  /** PreEnqueue: whether the pod may be tried at all. */
  preEnqueue?(pod: PodInfo): Rejected | undefined;
  /** QueueSort: negative where `a` comes first. One plugin has it. */
  compare?(a: QueuedPod, b: QueuedPod): number;
  /** PreFilter: what Filter will need of this pod, once a cycle. */
  preFilter?(pod: PodInfo, snapshot: Snapshot): PodFilter | Skip | Rejected;
  /** PreScore: what Score will need of this pod, once a cycle. `cycle` is the same object that PreFilter's answers live in. */
  preScore?(cycle: PodCycle, feasible: readonly NodeInfo[]): PodScorer | Skip;
  /** PostFilter: no node is feasible; make room somewhere. Upstream's DefaultPreemption. */
  postFilter?(cycle: PodCycle, statuses: NodeStatuses): Promise<PostFilterResult>;
  permit?(pod: PodInfo, nodeName: string): Rejected | Wait | undefined;
  /** Bind. `Skip`: not this plugin's pod. */
  bind?(pod: PodInfo, nodeName: string, signal: AbortSignal): Promise<Rejected | Skip | undefined>;
  postBind?(pod: PodInfo, nodeName: string): void;
}

/** One plugin's knowledge of one pod in one cycle, from PreFilter on. */
export interface PodFilter {
  /** Only these nodes can do, so others are not even filtered. */
  readonly nodeNames?: ReadonlySet<string>;
  /** Filter. */
  filter(node: NodeInfo): Rejected | undefined;
  /**
   * As if `other` ran on the node, too (nominated pods, preemption's trials). `node` is without it.
   * removePod of the same pod takes it back exactly.
   */
  addPod?(other: PodInfo, node: NodeInfo): void;
  /** As if `other` were gone from the node; `node` is without it. addPod of the same pod takes it back exactly. */
  removePod?(other: PodInfo, node: NodeInfo): void;
  /** Reserve: the choice is made. Must be quick, and changes only what the plugin keeps in memory. */
  reserve?(nodeName: string): Rejected | undefined;
  /** Undoes reserve (and what preBind reached); also called when reserve was not, or failed. Never throws. */
  unreserve?(nodeName: string): void;
  /** PreBind: the writes that must be before the binding. */
  preBind?(nodeName: string, signal: AbortSignal): Promise<Rejected | undefined>;
  /** PreBindPreFlight: whether preBind has anything to do for this node. */
  needsPreBind?(nodeName: string): boolean;
}

/** One plugin's opinion of the feasible nodes for one pod. */
export interface PodScorer {
  /** Any whole number; without normalize 0 to 100. */
  score(node: NodeInfo): number;
  /** The same for all of them at once, where that is quicker. `nodes` as given to PreScore. */
  scores?(nodes: readonly NodeInfo[]): number[];
  /** NormalizeScore: in place, to 0 to 100. `nodes` as given to PreScore, in the order of scores. */
  normalize?(scores: number[], nodes: readonly NodeInfo[]): void;
}

export const highestScore = 100;

/** A pod on its way through one cycle: made by `startCycle`. */
export interface PodCycle {
  readonly pod: PodInfo;
  readonly snapshot: Snapshot;
  /** What PreFilter answered, by plugin; those that skipped are left out. */
  readonly prepared: ReadonlyMap<string, PodFilter>;
  /** Those of them that filter, in the order of the profile. */
  readonly filters: readonly RunningFilter[];
  /** What all PreFilters together leave; undefined: all nodes. */
  readonly nodeNames: ReadonlySet<string> | undefined;
  /** Those that left out nodes. */
  readonly narrowedBy: readonly string[];
}

export interface RunningFilter {
  readonly plugin: string;
  readonly filter: PodFilter;
}

/** Why nodes were rejected. */
export interface NodeStatuses {
  /** By the node's name. */
  readonly byNode: ReadonlyMap<string, Rejected>;
  /** Of nodes that were not even filtered. */
  readonly others: Rejected;
}

export function nodeStatus({ byNode, others }: NodeStatuses, nodeName: string): Rejected {
  return byNode.get(nodeName) ?? others;
}

export interface PostFilterResult {
  /** Written to the pod's status; empty clears it; undefined leaves it. */
  readonly nominatedNodeName: string | undefined;
  /** Undefined: room is being made. The reasons end the pod's message. */
  readonly rejected: Rejected | undefined;
}

/** What QueueSort compares. */
export interface QueuedPod {
  readonly info: PodInfo;
  /** When the pod came into the queue, in milliseconds. */
  readonly timestamp: number;
}

/** Pods that preemption made room for, or that are to come back, by their nominated nodes. */
export interface NominatedPods {
  /** Not the pod itself. */
  on(nodeName: string): readonly PodInfo[];
}
