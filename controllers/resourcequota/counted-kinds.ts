import type { KubeObject } from "../../api/machinery/object.ts";
import type { Clock } from "../../base/clock.ts";
import type { Informer, InformerHandler } from "../../client/informer.ts";
import type { Informers } from "../../client/informers.ts";
import {
  persistentVolumeClaims,
  pods,
  resourceClaims,
  type ResourceType,
  services,
} from "../../client/resource-types.ts";
import type { KnownResources } from "../discovery/known-resources.ts";
import type { MetadataInformers } from "../metadata/metadata-informers.ts";

/** The informer of a resource that a quota counts, while it is needed. */
export interface CountedKind {
  readonly informer: Informer<KubeObject>;
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
}

export interface CountedKindsDeps {
  readonly shared: Informers;
  readonly metadata: MetadataInformers;
  readonly known: KnownResources;
  readonly clock: Clock;
  /** Told of what happens to a resource's objects, from when it is first counted. */
  readonly handlerFor: (resource: string) => InformerHandler<KubeObject>;
  /** More can be counted now. */
  readonly onSynced: (resource: string) => void;
}

/** Those that use more than a count, by what their objects say. */
const whole: ReadonlyMap<string, ResourceType> = new Map<string, ResourceType>([
  ["pods", pods],
  ["services", services],
  ["persistentvolumeclaims", persistentVolumeClaims],
  ["resourceclaims.resource.k8s.io", resourceClaims],
]);

const verbs = ["create", "delete", "list", "watch"] as const;

/** Watches resources from when a quota counts them. */
export class CountedKinds {
  readonly #deps: CountedKindsDeps;
  readonly #kinds = new Map<string, CountedKind & { readonly type: ResourceType; readonly end: () => void }>();

  constructor(deps: CountedKindsDeps) {
    this.#deps = deps;
  }

  /** Undefined for what the server does not have, or not in namespaces. */
  of(resource: string): CountedKind | undefined {
    return this.#kinds.get(resource) ?? this.#open(resource);
  }

  /** Ends what the server no longer has. */
  prune(): void {
    for (const [resource, { type, end }] of this.#kinds) {
      if (this.#typeOf(resource)?.apiVersion === type.apiVersion) continue;
      this.#kinds.delete(resource);
      end();
    }
  }

  #typeOf(resource: string): ResourceType | undefined {
    const type = whole.get(resource);
    if (type !== undefined) return type;
    const found = this.#deps.known.preferred(resource);
    const isCountable = found?.type.scope === "Namespaced" && verbs.every((verb) => found.verbs.has(verb));
    return isCountable ? found.type : undefined;
  }

  #open(resource: string): CountedKind | undefined {
    const { shared, metadata, clock, handlerFor, onSynced } = this.#deps;
    const type = this.#typeOf(resource);
    if (type === undefined) return undefined;
    const isShared = whole.has(resource);
    const informer = isShared ? shared.of(type) : metadata.of(type);
    const stopTelling = informer.on(handlerFor(resource));
    const end = (): void => {
      stopTelling();
      if (!isShared) metadata.stop(type);
    };
    const kind = { type, informer, startedAt: clock.now(), end };
    this.#kinds.set(resource, kind);
    if (!informer.hasSynced) void informer.synced.then(() => onSynced(resource));
    return kind;
  }
}
