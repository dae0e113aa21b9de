import type { Client } from "../../client/client.ts";
import { endpointSlices } from "../../client/resource-types.ts";
import { ApiError } from "../../api/machinery/status.ts";
import { isNamespaceGoing } from "../pods/pod-control.ts";
import type { SliceChanges } from "./plan.ts";

/**
 * First what is new, then what changes, last what goes, so that no endpoint is missing in between. Throws the first
 * failure when all that was begun is over; a namespace on its way out is none.
 */
export async function writeSlices(
  changes: Pick<SliceChanges, "create" | "update" | "delete">,
  { client, mayCreate }: { readonly client: Client; readonly mayCreate: boolean },
): Promise<void> {
  try {
    // What is created for an owner on its way out would only keep the garbage collector busy.
    if (mayCreate) await all(changes.create.map((slice) => client.create(endpointSlices, slice)));
  } catch (thrown) {
    if (isNamespaceGoing(thrown)) return;
    throw thrown;
  }
  await all(changes.update.map((slice) => client.update(endpointSlices, slice)));
  await all(changes.delete.map(({ metadata }) => remove(client, metadata ?? {})));
}

async function remove(
  client: Client,
  { namespace, name = "", uid }: { readonly namespace?: string; readonly name?: string; readonly uid?: string },
): Promise<void> {
  try {
    await client.delete(endpointSlices, { namespace, name }, { preconditions: { uid } });
  } catch (thrown) {
    if (!(thrown instanceof ApiError) || thrown.reason !== "NotFound") throw thrown;
  }
}

/** A write that goes on behind a failure would take the next try by surprise. */
async function all(writes: readonly Promise<unknown>[]): Promise<void> {
  const outcomes = await Promise.allSettled(writes);
  const failed = outcomes.find((outcome) => outcome.status === "rejected");
  if (failed !== undefined) throw failed.reason;
}
