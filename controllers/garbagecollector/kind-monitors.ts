import type { DeepReadonly, KubeObject, ObjectMeta } from "../../api/machinery/object.ts";
import type { Clock } from "../../base/clock.ts";
import type { Informer } from "../../client/informer.ts";
import { keyFor } from "../../client/lister.ts";
import type { ResourceType } from "../../client/resource-types.ts";
import type { Discovered, DiscoveredResource } from "../discovery/discovered.ts";
import type { MetadataInformers } from "../metadata/metadata-informers.ts";
import type { Identity } from "./identity.ts";
import type { ObjectGraph } from "./object-graph.ts";

interface Monitor {
  readonly type: ResourceType;
  readonly informer: Informer<KubeObject>;
  readonly startedAt: number;
  readonly end: () => void;
}

export interface KindMonitorsDeps {
  readonly informers: MetadataInformers;
  readonly graph: ObjectGraph;
  readonly clock: Clock;
}

/** Milliseconds for which all wait for a kind that cannot be watched; then they go on without it. */
export const patience = 30_000;

/** Watches every kind that can be garbage, from when it is there until it is gone, and keeps the graph by it. */
export class KindMonitors {
  readonly #deps: KindMonitorsDeps;
  readonly #monitors = new Map<string, Monitor>();

  constructor(deps: KindMonitorsDeps) {
    this.#deps = deps;
  }

  /** Whether the graph has all dependents that there may be: who lets an owner go has to know them. */
  get areComplete(): boolean {
    const now = this.#deps.clock.now();
    for (const { informer, startedAt } of this.#monitors.values())
      if (!informer.hasSynced && now - startedAt < patience) return false;
    return true;
  }

  async allSynced(): Promise<void> {
    await Promise.all([...this.#monitors.values()].map(({ informer }) => informer.synced));
  }

  /** Metadata as it was last seen. */
  read(type: ResourceType, { namespace, name, uid }: Identity): DeepReadonly<ObjectMeta> | undefined {
    const metadata = this.#monitors.get(nameOf(type))?.informer.get(keyFor(namespace, name))?.metadata;
    return metadata?.uid === uid ? metadata : undefined;
  }

  follow({ resources }: Discovered): void {
    const wanted = new Map(resources.filter(isCollectable).map(({ type }) => [nameOf(type), type]));
    for (const [name, { type, end }] of this.#monitors) {
      if (wanted.get(name)?.kind === type.kind) continue;
      this.#monitors.delete(name);
      end();
    }
    for (const [name, type] of wanted) if (!this.#monitors.has(name)) this.#monitors.set(name, this.#start(type));
  }

  #start(type: ResourceType): Monitor {
    const { informers, graph, clock } = this.#deps;
    const informer = informers.of(type);
    const observe = ({ metadata }: DeepReadonly<KubeObject>): void => graph.observe(type, metadata ?? {});
    const stopTelling = informer.on({
      added: observe,
      updated: observe,
      deleted: ({ metadata }) => graph.remove(metadata?.uid ?? ""),
    });
    const end = (): void => {
      stopTelling();
      informers.stop(type);
      for (const { metadata } of informer.list()) graph.forget(metadata?.uid ?? "");
    };
    return { type, informer, startedAt: clock.now(), end };
  }
}

function nameOf({ apiVersion, plural }: ResourceType): string {
  return `${apiVersion}/${plural}`;
}

const verbs = ["delete", "list", "watch"] as const;

/** Events go by themselves, and nobody owns them. */
function isCollectable({ group, type, verbs: served, isPreferred }: DiscoveredResource): boolean {
  if (type.plural === "events" && (group === "" || group === "events.k8s.io")) return false;
  return isPreferred && verbs.every((verb) => served.has(verb));
}
