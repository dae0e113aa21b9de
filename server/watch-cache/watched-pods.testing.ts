import type { KubeObject } from "../../api/machinery/object.ts";
import { registry } from "../../api/registry.ts";
import { builtinSchemas } from "../../api/schema/tables.ts";
import type { StoredWatch } from "../../api/wire.ts";
import { realClock, type Clock } from "../../base/clock.ts";
import { openMemoryStore } from "../../storage/engines/memory/memory-engine.ts";
import type { Store } from "../../storage/store.ts";
import { createCodecs } from "../codecs.ts";
import { JsonForm } from "../encoding/json-form.ts";
import { createKind, type Kind } from "../encoding/kind.ts";
import { createVersionView } from "../encoding/version-view.ts";
import { Cache, storageKey } from "./cache.ts";
import type { ResourceCache } from "./resource-cache.ts";
import type { Selection } from "./selection.ts";
import { Watcher, type WatchStart } from "./watcher.ts";

export interface PodState {
  readonly namespace: string;
  readonly name: string;
  readonly app: string;
  readonly node: string;
}

interface Change {
  readonly revision: number;
  readonly before: PodState | undefined;
  readonly after: PodState | undefined;
}

/** Pods in a store and a cache that follows it, and the plain list of changes that every watch must agree with. */
export interface WatchedPods extends AsyncDisposable {
  readonly store: Store;
  readonly cache: Cache;
  readonly resource: ResourceCache;
  readonly kind: Kind;
  put(pod: PodState): Promise<number>;
  remove(pod: Pick<PodState, "namespace" | "name">): Promise<void>;
  watch(start: Partial<WatchStart>): Watcher;
  /** What a watch must begin with that starts with what there is. */
  present(wants: (pod: PodState) => boolean): readonly string[];
  /** What a watch must tell after a revision: `ADDED default/web-0 7`. */
  expected(wants: (pod: PodState) => boolean, after: number): readonly string[];
}

export const everyPod: Selection = { namespace: "", labels: { selects: "matching", requirements: [] }, fields: [] };

export function podKind(): Kind {
  const row = registry.find(({ group, plural }) => group === "" && plural === "pods");
  if (row === undefined) throw new Error("there are no pods");
  const codecOf = createCodecs(builtinSchemas(), realClock);
  return createKind(row, ({ definition, version }, { kind }) => codecOf(definition, { kind, version }));
}

export async function watchedPods(kind: Kind, clock: Clock = realClock): Promise<WatchedPods> {
  const store = await openMemoryStore();
  const cache = new Cache(store, { clock });
  const resource = await cache.resource(kind);
  const current = new Map<string, PodState>();
  const changes: Change[] = [];
  return {
    store,
    cache,
    resource,
    kind,
    async put(pod) {
      const key = storageKey(kind, pod.namespace, pod.name);
      const { modRevision } = await store.put(key, resource.reader.encode(objectOf(pod)), { expect: "any" });
      changes.push({ revision: modRevision, before: current.get(key), after: pod });
      current.set(key, pod);
      return modRevision;
    },
    async remove({ namespace, name }) {
      const key = storageKey(kind, namespace, name);
      const before = current.get(key);
      if (before === undefined) return;
      const { revision } = await store.delete(key, { expect: "any" });
      changes.push({ revision, before, after: undefined });
      current.delete(key);
    },
    watch(start) {
      const form = new JsonForm(kind, createVersionView(kind, kind.hub), { pretty: false });
      return new Watcher(
        cache,
        resource,
        { selection: everyPod, after: cache.revision, bookmarks: false, ...start },
        form,
      );
    },
    present: (wants) =>
      [...current]
        .filter(([, pod]) => wants(pod))
        .toSorted(([left], [right]) => (left < right ? -1 : 1))
        .map(([, { namespace, name }]) => {
          const last = changes.findLast(({ after }) => after?.namespace === namespace && after.name === name);
          return `ADDED ${namespace}/${name} ${last?.revision}`;
        }),
    expected: (wants, after) => changes.flatMap((change) => (change.revision > after ? told(change, wants) : [])),
    async [Symbol.asyncDispose]() {
      cache.close();
      await store[Symbol.asyncDispose]();
    },
  };
}

function told({ revision, before, after }: Change, wants: (pod: PodState) => boolean): readonly string[] {
  const now = after !== undefined && wants(after) ? after : undefined;
  const then = before !== undefined && wants(before) ? before : undefined;
  const shown = now ?? then;
  if (shown === undefined) return [];
  const type = now === undefined ? "DELETED" : then === undefined ? "ADDED" : "MODIFIED";
  return [`${type} ${shown.namespace}/${shown.name} ${revision}`];
}

/** Everything that is ready, in the words of `expected`. */
export function takeAll(watch: StoredWatch, maxBytes: number = Number.POSITIVE_INFINITY): readonly string[] {
  const text = Buffer.from(watch.take(maxBytes) ?? []).toString();
  return text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => {
      const { type, object } = JSON.parse(line) as { type: string; object: KubeObject };
      const { namespace, name, resourceVersion } = object.metadata ?? {};
      return name === undefined
        ? `${type} ${resourceVersion ?? JSON.stringify(object)}`
        : `${type} ${namespace}/${name} ${resourceVersion}`;
    });
}

function objectOf({ namespace, name, app, node }: PodState): KubeObject {
  const pod = {
    kind: "Pod",
    apiVersion: "v1",
    metadata: { name, namespace, uid: `${namespace}-${name}`, labels: { app } },
    spec: { nodeName: node, containers: [] },
  };
  return pod;
}
