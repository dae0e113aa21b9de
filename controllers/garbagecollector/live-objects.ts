import type { DeepReadonly, ObjectMeta } from "../../api/machinery/object.ts";
import { ApiError } from "../../api/machinery/status.ts";
import type { Client, DeleteOptions } from "../../client/client.ts";
import type { ResourceType } from "../../client/resource-types.ts";
import type { Identity } from "./identity.ts";

/** The server's own word on single objects; "absent" when there is none of this uid. */
export interface LiveObjects {
  read(type: ResourceType, identity: Identity): Promise<DeepReadonly<ObjectMeta> | "absent">;
  /** Changes members of the metadata of an object that is still as it was read. Throws 409 when it is not. */
  patch(
    type: ResourceType,
    identity: Identity,
    latest: DeepReadonly<ObjectMeta>,
    change: DeepReadonly<Pick<ObjectMeta, "finalizers" | "ownerReferences">>,
  ): Promise<"done" | "absent">;
  delete(
    type: ResourceType,
    identity: Identity,
    latest: DeepReadonly<ObjectMeta>,
    policy: NonNullable<DeleteOptions["propagationPolicy"]>,
  ): Promise<"done" | "absent">;
}

export function createLiveObjects(client: Client): LiveObjects {
  return {
    async read(type, identity) {
      const metadata = await unlessAbsent(
        identity,
        async () => (await client.get(type, placeOf(type, identity))).metadata,
      );
      return metadata === "absent" || metadata?.uid !== identity.uid ? "absent" : metadata;
    },
    patch(type, identity, { resourceVersion }, change) {
      // The uid goes with it: another object that has the name by now must not be changed.
      const metadata = { uid: identity.uid, resourceVersion, ...change };
      return unlessAbsent<"done">(identity, async () => {
        await client.patch(type, placeOf(type, identity), { metadata });
        return "done";
      });
    },
    delete(type, identity, { uid, resourceVersion }, propagationPolicy) {
      const options = { preconditions: { uid, resourceVersion }, propagationPolicy };
      return unlessAbsent<"done">(identity, async () => {
        await client.delete(type, placeOf(type, identity), options);
        return "done";
      });
    },
  };
}

/** References do not say whether their kind has namespaces. */
function placeOf({ scope }: ResourceType, { namespace, name }: Identity): { namespace?: string; name: string } {
  return scope === "Namespaced" ? { namespace, name } : { name };
}

/** A 404 that names no object says that the resource is not served, which is no reason to think that its objects are gone. */
async function unlessAbsent<T>({ name }: Identity, request: () => Promise<T>): Promise<T | "absent"> {
  try {
    return await request();
  } catch (thrown) {
    const isAbsent = thrown instanceof ApiError && thrown.reason === "NotFound" && thrown.details?.name === name;
    if (isAbsent) return "absent";
    throw thrown;
  }
}
