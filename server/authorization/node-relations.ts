import type { PersistentVolume, Pod } from "../../api/generated/types/core-v1.ts";
import type { ResourceSlice } from "../../api/generated/types/resource-v1.ts";
import type { VolumeAttachment } from "../../api/generated/types/storage-v1.ts";
import { everything } from "../../api/machinery/labels.ts";
import type { DeepReadonly, KubeObject } from "../../api/machinery/object.ts";
import { NodeGraph } from "../../auth/authz/node/graph.ts";
import { podLinks, volumeLinks } from "../../auth/authz/node/links.ts";
import { sliced } from "../../base/slice.ts";
import type { Kind } from "../encoding/kind.ts";
import type { Cache } from "../watch-cache/cache.ts";
import type { CacheEvent } from "../watch-cache/cache-event.ts";
import type { ResourceCache } from "../watch-cache/resource-cache.ts";
import type { RecordMeta, Record as StoredRecord } from "../watch-cache/record.ts";

/** Puts one object into the graph; undefined: it is gone. */
type Enter = (graph: NodeGraph, meta: RecordMeta, object: (() => DeepReadonly<KubeObject>) | undefined) => void;

/** A resource's name says which type its objects have. */
const followed: ReadonlyMap<string, Enter> = new Map<string, Enter>([
  [
    "pods",
    (graph, meta, object) => {
      const isPlaced = (meta.fields?.["spec.nodeName"] ?? "") !== "";
      graph.setPod(meta, object === undefined || !isPlaced ? undefined : podLinks(object() as DeepReadonly<Pod>));
    },
  ],
  [
    "persistentvolumes",
    (graph, { name }, object) =>
      graph.setVolume(name, object && volumeLinks(object() as DeepReadonly<PersistentVolume>)),
  ],
  [
    "volumeattachments.storage.k8s.io",
    (graph, { name }, object) =>
      graph.setOwned(
        "volumeattachment",
        name,
        (object?.() as DeepReadonly<VolumeAttachment> | undefined)?.spec.nodeName,
      ),
  ],
  [
    "resourceslices.resource.k8s.io",
    (graph, { name }, object) =>
      graph.setOwned("resourceslice", name, (object?.() as DeepReadonly<ResourceSlice> | undefined)?.spec.nodeName),
  ],
]);

/** So many changes wait for somebody to ask; then they are entered all the same. */
const mostChanges = 10_000;

/**
 * The graph of what nodes need, as it is now: a promise until it was made, when it is first asked for. Changes are filed
 * in the tick in which they happen and entered when somebody asks, so that they cost next to nothing where there are no
 * nodes, and several of one object are entered once.
 */
export function nodeRelations(deps: RelationsDeps): () => NodeGraph | Promise<NodeGraph> {
  let made: "no" | Promise<() => NodeGraph> | (() => NodeGraph) = "no";
  return () => {
    if (typeof made === "function") return made();
    if (made === "no") {
      made = make(deps);
      made.then(
        (current) => (made = current),
        () => (made = "no"),
      );
    }
    return made.then((current) => current());
  };
}

interface RelationsDeps {
  readonly cache: Cache;
  /** Undefined where it is not served. */
  readonly kindOf: (resource: string) => Kind | undefined;
}

async function make({ cache, kindOf }: RelationsDeps): Promise<() => NodeGraph> {
  const sources = await Promise.all(
    [...followed].flatMap(([resource, enter]) => {
      const kind = kindOf(resource);
      return kind === undefined ? [] : [loaded(cache, kind, enter)];
    }),
  );
  const graph = new NodeGraph();
  /** By key, what has changed last. */
  const changed = new Map<string, () => void>();
  const current = (): NodeGraph => {
    for (const enter of changed.values()) enter();
    changed.clear();
    return graph;
  };
  const wake = (): void => void (changed.size > mostChanges && current());
  for (const { resource, enter } of sources) {
    const put = (record: StoredRecord): void => enter(graph, record.meta, () => record.object());
    const offer = ({ current: now, previous }: CacheEvent): void => {
      if (now !== undefined) changed.set(now.key, () => put(now));
      else if (previous !== undefined) changed.set(previous.key, () => enter(graph, previous.meta, undefined));
    };
    resource.listen({ indexKey: "", offer, wake });
    const records = [...resource.select({ namespace: "", labels: everything, fields: [] })];
    // What has changed since is filed already.
    for await (const _entered of sliced(records, (record) => {
      if (resource.get(record.key) === record) put(record);
    }));
  }
  return current;
}

async function loaded(
  cache: Cache,
  kind: Kind,
  enter: Enter,
): Promise<{ readonly resource: ResourceCache; readonly enter: Enter }> {
  return { resource: await cache.resource(kind), enter };
}
