import type { Pod } from "../../api/generated/types/core-v1.ts";
import type { DeepReadonly, KubeObject } from "../../api/machinery/object.ts";
import { ApiError } from "../../api/machinery/status.ts";
import type { Client } from "../../client/client.ts";
import { pods } from "../../client/resource-types.ts";
import type { ControllerDeps } from "../controller.ts";

/** Creates and deletes the pods of an owner, and tells of it in the owner's events. */
export interface PodControl {
  /** Throws what the server answered; a namespace on its way out makes no event. */
  create(pod: Pod, owner: DeepReadonly<KubeObject>): Promise<DeepReadonly<Pod>>;
  /** One that is gone already is fine. */
  delete(pod: DeepReadonly<Pod>, owner: DeepReadonly<KubeObject>): Promise<void>;
}

export function createPodControl({ client, events }: Pick<ControllerDeps, "client" | "events">): PodControl {
  return {
    async create(pod, owner) {
      try {
        const made = await client.create(pods, pod);
        const message = `Created pod: ${made.metadata?.name ?? ""}`;
        events.event(owner, { type: "Normal", reason: "SuccessfulCreate", message });
        return made;
      } catch (thrown) {
        if (!isNamespaceGoing(thrown)) {
          const message = `Error creating: ${messageOf(thrown)}`;
          events.event(owner, { type: "Warning", reason: "FailedCreate", message });
        }
        throw thrown;
      }
    },
    async delete(pod, owner) {
      const { name = "" } = pod.metadata ?? {};
      try {
        await deletePod(client, pod);
        events.event(owner, { type: "Normal", reason: "SuccessfulDelete", message: `Deleted pod: ${name}` });
      } catch (thrown) {
        if (thrown instanceof ApiError && thrown.reason === "NotFound") return;
        events.event(owner, {
          type: "Warning",
          reason: "FailedDelete",
          message: `Error deleting: ${messageOf(thrown)}`,
        });
        throw thrown;
      }
    },
  };
}

/** This very pod, not one that took its name. */
async function deletePod(client: Client, { metadata }: DeepReadonly<Pod>): Promise<void> {
  const { namespace, name = "", uid } = metadata ?? {};
  await client.delete(pods, { namespace, name }, { preconditions: { uid } });
}

export function isNamespaceGoing(thrown: unknown): boolean {
  return (
    thrown instanceof ApiError &&
    thrown.reason === "Forbidden" &&
    (thrown.details as { causes?: readonly { reason?: string }[] } | undefined)?.causes?.some(
      ({ reason }) => reason === "NamespaceTerminating",
    ) === true
  );
}

function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}
