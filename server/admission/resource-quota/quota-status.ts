import type { ResourceQuota } from "../../../api/generated/types/core-v1.ts";
import type { DeepReadonly } from "../../../api/machinery/object.ts";
import { ApiError } from "../../../api/machinery/status.ts";
import type { ObjectWriter } from "../object-reader.ts";

/** Changes a quota's status; false for a quota that is gone. */
export async function updateQuota(
  writer: ObjectWriter,
  namespace: string,
  name: string,
  change: (current: DeepReadonly<ResourceQuota>) => ResourceQuota | undefined,
): Promise<boolean> {
  try {
    await writer.updateStatus<ResourceQuota>("resourcequotas", namespace, name, change);
    return true;
  } catch (thrown) {
    if (thrown instanceof ApiError && thrown.reason === "NotFound") return false;
    throw thrown;
  }
}
