import type { DeepReadonly, KubeObject, ManagedFieldsEntry } from "../../api/machinery/object.ts";
import type { WriteRequest } from "./write-request.ts";

/** Settles who owns which field after a write that is no apply. */
export async function ownFields(
  request: WriteRequest,
  object: KubeObject,
  old: DeepReadonly<KubeObject> | undefined,
): Promise<void> {
  if (request.ownsFields === true) return;
  const metadata = (object.metadata ??= {});
  delete metadata.managedFields;
  if (old?.metadata?.managedFields !== undefined)
    metadata.managedFields = old.metadata.managedFields as ManagedFieldsEntry[];
}
