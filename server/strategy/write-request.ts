import type { DeepReadonly, JsonObject, KubeObject } from "../../api/machinery/object.ts";
import type { UserInfo } from "../../api/wire.ts";
import type { Kind, KindVersion } from "../encoding/kind.ts";

/** One part of an object, shown as an object of another kind. */
export interface Facet {
  of(object: DeepReadonly<KubeObject>): KubeObject;
  /** Puts a changed facet back into its object. */
  into(object: KubeObject, facet: DeepReadonly<KubeObject>): void;
}

/** One write of one object, as the strategy takes it. */
export interface WriteRequest {
  readonly kind: Kind;
  /** The version in which the object comes and goes through hooks and admission (`workingVersion`). */
  readonly version: KindVersion;
  /** The version that the URL names: managed fields are told in it. */
  readonly requested: KindVersion;
  readonly namespace: string;
  readonly name: string;
  readonly subresource: string;
  readonly user: UserInfo;
  readonly dryRun: boolean;
  /** Who owns the fields that change. */
  readonly manager: string;
  /** As admission webhooks are told them: CreateOptions, UpdateOptions, … */
  readonly options: JsonObject;
  /** Whether an absent object is made: a patch never does, an apply always, an update where the kind allows it. */
  readonly absent: "refuse" | "create" | "as the kind allows";
  /**
   * A change that the server makes itself behind another request: the node of a bound pod, the status of a quota.
   * It is not admitted, prepared or validated again.
   */
  readonly direct?: boolean;
  /** For an update or an apply that makes the object: throws unless the user may create it. */
  readonly authorizeCreate?: () => Promise<void> | void;
  /** Whether `change` has settled the managed fields itself, as an apply does. */
  readonly ownsFields?: boolean;
  /** Aborted when nobody waits for the answer any more. */
  readonly signal?: () => AbortSignal;
  /** What admission sees in place of the object: a Scale. */
  readonly facet?: Facet;
  warn(text: string): void;
  annotate(key: string, value: string): void;
}

const self: UserInfo = { name: "system:apiserver", groups: ["system:masters", "system:authenticated"] };

/** A write of the server's own, which goes the way of all writes. */
export function internalWrite(
  kind: Kind,
  at: { readonly namespace?: string; readonly name: string; readonly subresource?: string; readonly dryRun?: boolean },
): WriteRequest {
  return {
    kind,
    version: kind.hub,
    requested: kind.hub,
    namespace: at.namespace ?? "",
    name: at.name,
    subresource: at.subresource ?? "",
    user: self,
    dryRun: at.dryRun ?? false,
    manager: "kube-apiserver",
    options: {},
    absent: "as the kind allows",
    warn: () => {},
    annotate: () => {},
  };
}
