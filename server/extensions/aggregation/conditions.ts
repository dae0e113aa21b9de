import type { APIService, APIServiceCondition } from "../../../api/generated/types/apiregistration-v1.ts";
import { deepClone } from "../../../api/machinery/clone.ts";
import type { DeepReadonly } from "../../../api/machinery/object.ts";
import { formatTime } from "../../../api/machinery/time.ts";

/** What is found out about an APIService. */
export interface Availability {
  readonly status: "True" | "False" | "Unknown";
  readonly reason: string;
  readonly message: string;
}

export const local: Availability = {
  status: "True",
  reason: "Local",
  message: "Local APIServices are always available",
};

/** The APIService with its condition Available; undefined when it says so already. */
export function withAvailability(
  service: DeepReadonly<APIService>,
  found: Availability,
  now: number,
): APIService | undefined {
  const before = service.status?.conditions?.find(({ type }) => type === "Available");
  const isSame = before?.status === found.status && before.reason === found.reason && before.message === found.message;
  if (isSame) return undefined;
  const changed = deepClone<APIService>(service);
  const since = before?.status === found.status ? before.lastTransitionTime : formatTime(now);
  const condition: APIServiceCondition = { type: "Available", ...found, lastTransitionTime: since ?? formatTime(now) };
  const others = changed.status?.conditions?.filter(({ type }) => type !== "Available") ?? [];
  changed.status = { ...changed.status, conditions: [...others, condition] };
  return changed;
}
