import type { DeepReadonly, KubeObject } from "../../api/machinery/object.ts";
import type { KindVersion } from "./kind.ts";

/** Between the versions of a custom kind. Built-in kinds convert by `toHub` and `fromHub` of their rows. */
export interface Conversion {
  /**
   * The objects, in their order, in the version `to`. At once where nothing has to be asked for.
   * Throws ApiError when they cannot be had: the webhook is away, or answers nonsense.
   */
  convert(
    objects: readonly DeepReadonly<KubeObject>[],
    to: KindVersion,
  ): readonly KubeObject[] | Promise<readonly KubeObject[]>;
}
