import type { EventRecorder } from "../../client/event-recorder.ts";
import type { AnySet } from "./identity.ts";

export type Verb = "Create" | "Update" | "Delete";

/** What a StatefulSet tells of its pods and claims. */
export interface SetEvents {
  pod(set: AnySet, verb: Verb, podName: string): void;
  podFailed(set: AnySet, verb: Verb, podName: string, thrown: unknown): void;
  claimMade(set: AnySet, claimName: string, podName: string): void;
  claimFailed(set: AnySet, claimName: string, podName: string, thrown: unknown): void;
  /** The retention policy cannot be kept, for somebody else manages the claim. */
  conflict(set: AnySet, claimName: string): void;
}

export function createSetEvents(events: EventRecorder): SetEvents {
  const normal = (set: AnySet, reason: string, message: string): void =>
    events.event(set, { type: "Normal", reason, message });
  const warn = (set: AnySet, reason: string, message: string): void =>
    events.event(set, { type: "Warning", reason, message });
  const nameOf = ({ metadata }: AnySet): string => metadata?.name ?? "";
  return {
    pod: (set, verb, pod) =>
      normal(set, `Successful${verb}`, `${verb} Pod ${pod} in StatefulSet ${nameOf(set)} successful`),
    podFailed: (set, verb, pod, thrown) =>
      warn(set, `Failed${verb}`, `${verb} Pod ${pod} in StatefulSet ${nameOf(set)} failed error: ${textOf(thrown)}`),
    claimMade: (set, claim, pod) =>
      normal(set, "SuccessfulCreate", `Create Claim ${claim} Pod ${pod} in StatefulSet ${nameOf(set)} success`),
    claimFailed(set, claim, pod, thrown) {
      const message = `Create Claim ${claim} for Pod ${pod} in StatefulSet ${nameOf(set)} failed error: ${textOf(thrown)}`;
      warn(set, "FailedCreate", message);
    },
    conflict(set, claim) {
      const message = `PersistentVolumeClaim ${claim} has a conflicting OwnerReference that acts as a manging controller, the retention policy is ignored for this claim`;
      warn(set, "ConflictingController", message);
    },
  };
}

export function textOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}
