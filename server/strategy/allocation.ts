import type { DeepReadonly, KubeObject } from "../../api/machinery/object.ts";

/** Gives back what a write took, when the write did not happen. */
export type Undo = () => Promise<void>;

/** Things of which a cluster has so many (service addresses, node ports): taken last before a write. */
export interface Allocation {
  /** Fills the object in. `old` is absent on create. A dry run takes nothing, but shows what it would take. */
  allocate(object: KubeObject, old: DeepReadonly<KubeObject> | undefined, dryRun: boolean): Promise<Undo>;
  /** After an object is gone, or no longer needs what it had. */
  release(old: DeepReadonly<KubeObject>, current: DeepReadonly<KubeObject> | undefined): Promise<void>;
}
