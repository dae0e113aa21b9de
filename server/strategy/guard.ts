import type { DeepReadonly, KubeObject } from "../../api/machinery/object.ts";
import type { WriteRequest } from "./write-request.ts";

/**
 * Asked of every write of a kind's objects, dry runs too, once admission has changed what it wants to change: whether
 * the user may write this very object. Refuses by throwing ApiError. `old` is undefined where an object is made.
 */
export type Guard = (
  request: WriteRequest,
  object: DeepReadonly<KubeObject>,
  old: DeepReadonly<KubeObject> | undefined,
) => Promise<void> | void;
