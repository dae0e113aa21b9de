/** A cluster on paper, for tests of plugins: nodes, pods and whatever else they look at. */
import type { Node, Pod } from "../../api/generated/types/core-v1.ts";
import type { KubeObject, DeepReadonly } from "../../api/machinery/object.ts";
import { createSchedulerCache } from "./cache.ts";
import type { Lister, Listers } from "./listers.ts";
import type { NodeInfo } from "./node-info.ts";
import type { NominatedPods, Plugin, PodCycle } from "./plugin.ts";
import { createPodInfo, type PodInfo } from "./pod-info.ts";
import type { ExtensionPoint, Profile } from "./profile.ts";
import type { Snapshot } from "./snapshot.ts";
import { startCycle } from "./start-cycle.ts";
import { filterNode } from "./filter-node.ts";

export interface PodParts {
  readonly namespace?: string;
  readonly labels?: Record<string, string>;
  readonly requests?: Record<string, string>;
  readonly ports?: readonly { hostPort: number; protocol?: string; hostIP?: string }[];
  readonly node?: string;
  readonly priority?: number;
  readonly spec?: Partial<NonNullable<Pod["spec"]>>;
  readonly metadata?: Pod["metadata"];
  readonly status?: Pod["status"];
}

export function pod(name: string, parts: PodParts = {}): Pod {
  const { namespace = "default", labels, requests, ports = [], node, priority, spec, metadata, status } = parts;
  return {
    metadata: {
      name,
      namespace,
      uid: `uid-${namespace}-${name}`,
      ...(labels === undefined ? {} : { labels }),
      ...metadata,
    },
    spec: {
      containers: [
        {
          name: "main",
          image: "image",
          ...(requests === undefined ? {} : { resources: { requests } }),
          ports: ports.map((port) => ({ containerPort: port.hostPort, ...port })),
        },
      ],
      ...(node === undefined ? {} : { nodeName: node }),
      ...(priority === undefined ? {} : { priority }),
      ...spec,
    },
    ...(status === undefined ? {} : { status }),
  };
}

export interface NodeParts {
  readonly labels?: Record<string, string>;
  readonly allocatable?: Record<string, string>;
  readonly spec?: Node["spec"];
  readonly status?: Node["status"];
}

export function node(name: string, { labels = {}, allocatable, spec = {}, status = {} }: NodeParts = {}): Node {
  return {
    metadata: { name, labels: { "kubernetes.io/hostname": name, ...labels } },
    spec,
    status: { allocatable: { cpu: "4", memory: "8Gi", pods: "110", ...allocatable }, ...status },
  };
}

export function snapshotOf(nodes: readonly Node[], pods: readonly Pod[] = []): Snapshot {
  const cache = createSchedulerCache();
  for (const one of nodes) cache.setNode(one);
  for (const one of pods) cache.setPod(createPodInfo(one));
  return cache.snapshot();
}

/** `namespace/name`, or `name` where there is no namespace. */
export function listerOf<T extends KubeObject>(objects: readonly DeepReadonly<T>[]): Lister<T> {
  const keyOf = ({ metadata }: DeepReadonly<KubeObject>): string =>
    metadata?.namespace === undefined ? (metadata?.name ?? "") : `${metadata.namespace}/${metadata.name}`;
  return {
    get: (key) => objects.find((object) => keyOf(object) === key),
    list: (namespace) =>
      namespace === undefined ? objects : objects.filter(({ metadata }) => metadata?.namespace === namespace),
  };
}

export function listers(parts: Partial<Listers> = {}): Listers {
  const none = listerOf<never>([]);
  return {
    namespaces: none,
    services: none,
    replicationControllers: none,
    replicaSets: none,
    statefulSets: none,
    podDisruptionBudgets: none,
    persistentVolumes: none,
    persistentVolumeClaims: none,
    storageClasses: none,
    csiNodes: none,
    csiDrivers: none,
    csiStorageCapacities: none,
    volumeAttachments: none,
    resourceClaims: none,
    deviceClasses: none,
    resourceSlices: none,
    ...parts,
  };
}

const points: readonly ExtensionPoint[] = [
  ...(["preEnqueue", "queueSort", "preFilter", "filter", "postFilter", "preScore"] as const),
  ...(["score", "reserve", "permit", "preBind", "bind", "postBind"] as const),
];

/** Each of the plugins at each of its points. */
export function profileOf(plugins: readonly Plugin[], weights: Readonly<Record<string, number>> = {}): Profile {
  const everywhere = Object.fromEntries(points.map((point) => [point, plugins])) as Profile["points"];
  return { schedulerName: "default-scheduler", points: everywhere, weights: new Map(Object.entries(weights)) };
}

export const noneNominated: NominatedPods = { on: () => [] };

export function cycleOf(plugins: readonly Plugin[], wanted: Pod, snapshot: Snapshot): PodCycle {
  const cycle = startCycle(profileOf(plugins), createPodInfo(wanted), snapshot);
  if ("rejected" in cycle) throw new Error(`rejected: ${cycle.rejected.reasons.join(", ")}`);
  return cycle;
}

/** By node: "fits", or the reasons; the code where eviction would not help. */
export function judge(plugin: Plugin, wanted: Pod, snapshot: Snapshot): Record<string, string> | string {
  const cycle = startCycle(profileOf([plugin]), createPodInfo(wanted), snapshot);
  if ("rejected" in cycle) return describe(cycle.rejected);
  return Object.fromEntries(
    snapshot.nodes.map((info) => {
      const rejected = filterNode(cycle, info);
      return [info.name, rejected === undefined ? "fits" : describe(rejected)];
    }),
  );
}

function describe({ code, reasons }: { readonly code: string; readonly reasons: readonly string[] }): string {
  return `${code === "Unschedulable" ? "" : "! "}${reasons.join(", ")}`;
}

/** The normalized scores by node; "skip" where the plugin has no opinion. */
export function scores(plugin: Plugin, wanted: Pod, snapshot: Snapshot): Record<string, number> | "skip" {
  const cycle = cycleOf([], wanted, snapshot);
  const scorer = plugin.preScore?.(cycle, snapshot.nodes);
  if (scorer === undefined || "code" in scorer) return "skip";
  const values = snapshot.nodes.map((info) => scorer.score(info));
  scorer.normalize?.(values, snapshot.nodes);
  return Object.fromEntries(snapshot.nodes.map((info, index) => [info.name, values[index] ?? 0]));
}

export function infos(...pods: readonly Pod[]): PodInfo[] {
  return pods.map((one) => createPodInfo(one));
}

export function infoOf(snapshot: Snapshot, name: string): NodeInfo {
  const info = snapshot.get(name);
  if (info === undefined) throw new Error(`no node ${name}`);
  return info;
}
