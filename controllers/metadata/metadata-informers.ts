import type { KubeObject } from "../../api/machinery/object.ts";
import { type Informer, type InformerDeps, WatchingInformer } from "../../client/informer.ts";
import type { ResourceType } from "../../client/resource-types.ts";
import type { ControllerDeps } from "../controller.ts";

/** Informers of the metadata of any kind: they come and go as kinds do. */
export interface MetadataInformers extends AsyncDisposable {
  /** Starts one, unless it runs already. */
  of(type: ResourceType): Informer<KubeObject>;
  /** Ends one: nobody is told anything more. */
  stop(type: ResourceType): void;
}

/** Whole objects from servers that cannot leave the rest out. https://kubernetes.io/docs/reference/using-api/api-concepts/#metadata-only-fetches */
const accept = "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1,application/json";

interface Running {
  readonly informer: WatchingInformer<KubeObject>;
  readonly stop: AbortController;
}

export function createMetadataInformers(
  deps: Pick<ControllerDeps, "transport" | "clock" | "random" | "log">,
): MetadataInformers {
  const running = new Map<string, Running>();
  const ending = new Set<Promise<void>>();
  const keyOf = ({ apiVersion, plural }: ResourceType): string => `${apiVersion}/${plural}`;
  const start = (type: ResourceType): Running => {
    const stop = new AbortController();
    const { transport, clock, random, log } = deps;
    const own: InformerDeps = {
      transport,
      clock,
      random,
      log,
      userAgent: "kube-controller-manager/v1.36",
      signal: stop.signal,
    };
    const informer = new WatchingInformer<KubeObject>({ type, accept }, own);
    const run = informer.run().finally(() => ending.delete(run));
    ending.add(run);
    return { informer, stop };
  };
  return {
    of(type) {
      const key = keyOf(type);
      let one = running.get(key);
      if (one === undefined) running.set(key, (one = start(type)));
      return one.informer;
    },
    stop(type) {
      running.get(keyOf(type))?.stop.abort();
      running.delete(keyOf(type));
    },
    async [Symbol.asyncDispose]() {
      for (const { stop } of running.values()) stop.abort();
      running.clear();
      await Promise.all(ending);
    },
  };
}
