import type { DeepReadonly, KubeObject } from "../../api/machinery/object.ts";

/**
 * What plugins know of the cluster's other objects: the current ones, in their hub version, shared and never to be changed.
 * `resource` is `pods` or `deployments.apps`.
 */
export interface ObjectReader {
  find<T extends KubeObject>(resource: string, namespace: string, name: string): Promise<DeepReadonly<T> | undefined>;
  /** All of a namespace, or of the cluster ("" as namespace). */
  list<T extends KubeObject>(resource: string, namespace?: string): Promise<readonly DeepReadonly<T>[]>;
  /** Moves with every change of the resource: what was compiled from its objects is kept until then. */
  generation(resource: string): Promise<number>;
}

/** Writes of the server's own, as `system:apiserver`, past admission. */
export interface ObjectWriter {
  /**
   * Reads, changes and writes the status, again from the fresh object where another writer was faster (up to a bound).
   * `change` answers the new object, or undefined to leave it as it is.
   */
  updateStatus<T extends KubeObject>(
    resource: string,
    namespace: string,
    name: string,
    change: (current: DeepReadonly<T>) => T | undefined,
  ): Promise<void>;
}
