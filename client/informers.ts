import { setMaxListeners } from "node:events";
import type { KubeObject } from "../api/machinery/object.ts";
import type { Seen } from "./client.ts";
import { type Informer, type InformerDeps, WatchingInformer } from "./informer.ts";
import type { ResourceType } from "./resource-types.ts";

/** One informer per resource, shared by all who read it; each starts when it is first asked for. */
export interface Informers {
  of<T extends KubeObject>(type: ResourceType<T>): Informer<T>;
  /** Resolves when all that were asked for so far have synced. */
  synced(): Promise<void>;
  /** For clients: a write returns when these informers have seen it. */
  readonly seen: Seen;
}

export function createInformers(deps: InformerDeps): Informers & AsyncDisposable {
  const informers = new Map<string, WatchingInformer<KubeObject>>();
  const stop = new AbortController();
  const signal = AbortSignal.any([deps.signal, stop.signal]);
  // Each informer listens to it.
  setMaxListeners(0, signal);
  const running: Promise<void>[] = [];
  const nameOf = ({ apiVersion, plural }: ResourceType): string => `${apiVersion}/${plural}`;
  return {
    of<T extends KubeObject>(type: ResourceType<T>) {
      const name = nameOf(type);
      let informer = informers.get(name);
      if (informer === undefined) {
        informer = new WatchingInformer<KubeObject>({ type }, { ...deps, signal });
        informers.set(name, informer);
        running.push(informer.run());
      }
      // The one place where an informer's type is found again: its name says which it is.
      return informer as unknown as Informer<T>;
    },
    async synced() {
      await Promise.all([...informers.values()].map(({ synced }) => synced));
    },
    seen: {
      written: (type, object) => informers.get(nameOf(type))?.whenSeen(object),
      deleted: (type, { namespace, name }, uid) => informers.get(nameOf(type))?.whenGone(namespace, name, uid),
    },
    async [Symbol.asyncDispose]() {
      stop.abort();
      await Promise.all(running);
    },
  };
}
