import type { ScopedResourceSelectorRequirement } from "../../generated/types/core-v1.ts";
import type { DeepReadonly, KubeObject } from "../../machinery/object.ts";
import type { GroupResource } from "../../machinery/status.ts";
import type { Quantities } from "../quantities.ts";

export type Scope = DeepReadonly<ScopedResourceSelectorRequirement>;

/** A write that may change what is used. */
export interface QuotaWrite<T extends KubeObject = KubeObject> {
  readonly operation: "CREATE" | "UPDATE";
  readonly subresource: string;
  readonly object: DeepReadonly<T>;
  readonly old: DeepReadonly<T> | undefined;
}

/** How the objects of one resource count. */
export interface QuotaEvaluator<T extends KubeObject = KubeObject> {
  readonly counts: GroupResource;
  /** Whether usage may change by this write; deletions give back by way of the controller. */
  isCharged(write: QuotaWrite<T>): boolean;
  /** Whether a name in `spec.hard` is about these objects. */
  tracks(resource: string): boolean;
  /** `now` in milliseconds: pods that should have been gone do not count. */
  usage(object: DeepReadonly<T>, now: number): Quantities;
  /** Absent: the objects are in no scope. Throws a SelectorError for one that cannot be read. */
  isInScope?(object: DeepReadonly<T>, scope: Scope): boolean;
  /** What objects have to say about the resources that a quota limits, in upstream's words; undefined when they do. */
  unstated?(object: DeepReadonly<T>, limited: readonly string[]): string | undefined;
}

/** The one place where an evaluator's own type is forgotten: it is only ever shown objects of its resource. */
export function defineEvaluator<T extends KubeObject>(evaluator: QuotaEvaluator<T>): QuotaEvaluator {
  return evaluator as unknown as QuotaEvaluator;
}

/** The name by which any resource is counted: `count/deployments.apps`. */
export function countName({ group, resource }: GroupResource): string {
  return group === "" ? `count/${resource}` : `count/${resource}.${group}`;
}
