import type { DeepReadonly, JsonObject, KubeObject } from "../../api/machinery/object.ts";
import type { UserInfo } from "../../api/wire.ts";
import type { Kind, KindVersion } from "../encoding/kind.ts";

/** One write, as admission sees it. */
export interface AdmissionRequest {
  readonly operation: "CREATE" | "UPDATE" | "DELETE" | "CONNECT";
  readonly kind: Kind;
  /** The version in which objects are shown here: the hub for built-in kinds, the requested one for custom kinds. */
  readonly version: KindVersion;
  /** The version that the URL names. */
  readonly requested: KindVersion;
  readonly namespace: string;
  /** "" while a name is still to be generated. */
  readonly name: string;
  /** "" for the object itself. */
  readonly subresource: string;
  readonly user: UserInfo;
  readonly dryRun: boolean;
  /** CreateOptions, UpdateOptions, PatchOptions or DeleteOptions as JSON, with kind and apiVersion. */
  readonly options: JsonObject;
  /** Absent on DELETE; of another kind for `pods/binding`, `pods/eviction` and `scale`. `mutate` may change it in place. */
  readonly object: KubeObject | undefined;
  readonly old: DeepReadonly<KubeObject> | undefined;
  /** Aborted when nobody waits for the answer any more. */
  readonly signal?: () => AbortSignal;
  /** Tells the client, in a `Warning` header. */
  warn(text: string): void;
  /** Adds an audit annotation; the key starts with the plugin's domain. */
  annotate(key: string, value: string): void;
}

/** Refuses by throwing ApiError. */
export interface AdmissionPlugin {
  /** Upstream's name, by which flags turn it on and off. */
  readonly name: string;
  /**
   * Before the object is prepared and validated. What was changed is defaulted again.
   * `round.again` is true when a webhook changed the object after this plugin had seen it.
   */
  mutate?(request: AdmissionRequest, round: AdmissionRound): Promise<Mutation> | Mutation;
  validate?(request: AdmissionRequest): Promise<void> | void;
}

export type Mutation = "changed" | "unchanged";

/** One walk of one request through the mutating plugins. A plugin keeps what it must remember between rounds under its own key. */
export interface AdmissionRound {
  readonly again: boolean;
  /** Asks for a second round when this one is over: a webhook or a policy changed what others had already seen. */
  repeat(): void;
  /** Lives as long as the request; keyed by the plugin itself. */
  readonly memory: Map<object, unknown>;
}

/** The chain, in upstream's order. */
export type AdmissionChain = readonly AdmissionPlugin[];
