import type { DeepReadonly, Json } from "../../machinery/object.ts";
import { ApiError } from "../../machinery/status.ts";
import type { Conformer } from "../conform.ts";
import { inspect } from "../inspect.ts";
import type { StructType } from "../schema.ts";

/** Reads metadata as Go's ObjectMeta would. */
export interface MetadataReader {
  readonly conformer: Conformer;
  /** io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta */
  readonly type: StructType;
}

export type ReadMetadata =
  | { readonly value: Json; readonly unknown: readonly string[] }
  /** Go's words for what does not fit. */
  | { readonly complaint: string };

export function readMetadata(given: DeepReadonly<Json>, { conformer, type }: MetadataReader): ReadMetadata {
  // Whoever wrote it, it was parsed JSON; conform changes nothing in it.
  const metadata = (given ?? {}) as Json;
  try {
    const { object, unknown } = conformer.conform(metadata, type);
    return { value: object, unknown };
  } catch (thrown) {
    if (!(thrown instanceof ApiError)) throw thrown;
    return { complaint: inspect(metadata, type).complaint ?? thrown.message };
  }
}
