import type { PodDisruptionBudget } from "../generated/types/policy-v1.ts";
import { deepClone } from "../machinery/clone.ts";
import type { DeepReadonly } from "../machinery/object.ts";
import { ApiError } from "../machinery/status.ts";

export type DisruptionBudget = DeepReadonly<PodDisruptionBudget>;

/** So many evicted pods may be on their way before the disruption controller has seen them go. */
const maxDisruptedPods = 2000;
const refusal = "Cannot evict pod as it would violate the pod's disruption budget.";

/**
 * The budget after one more disruption. Throws 429 where it allows none, 403 where its status makes no sense.
 * `now` is RFC 3339. https://kubernetes.io/docs/concepts/workloads/pods/disruptions/#pod-disruption-budgets
 */
export function takeDisruption(budget: DisruptionBudget, pod: string, now: string): PodDisruptionBudget {
  const { name = "", generation = 0 } = budget.metadata ?? {};
  const { observedGeneration = 0, disruptionsAllowed = 0, disruptedPods = {} } = budget.status ?? {};
  if (observedGeneration < generation)
    throw exhausted(`The disruption budget ${name} is still being processed by the server.`, 10);
  if (disruptionsAllowed < 0) throw senseless(name, "pdb disruptions allowed is negative");
  if (Object.keys(disruptedPods).length > maxDisruptedPods)
    throw senseless(name, "DisruptedPods map too big - too many evictions not confirmed by PDB controller");
  if (disruptionsAllowed === 0) throw exhausted(whyNone(budget), 0);
  const copy: PodDisruptionBudget = deepClone(budget);
  const left = disruptionsAllowed - 1;
  copy.status = {
    ...copy.status,
    currentHealthy: copy.status?.currentHealthy ?? 0,
    desiredHealthy: copy.status?.desiredHealthy ?? 0,
    expectedPods: copy.status?.expectedPods ?? 0,
    disruptionsAllowed: left,
    disruptedPods: { ...copy.status?.disruptedPods, [pod]: now },
  };
  if (left === 0) setInsufficient(copy, now);
  return copy;
}

function whyNone({ metadata, status }: DisruptionBudget): string {
  const name = metadata?.name ?? "";
  const failed = status?.conditions?.find(({ type }) => type === "DisruptionAllowed");
  if (failed?.status === "False" && failed.reason === "SyncFailed")
    return `The disruption budget ${name} does not allow evicting pods currently because it failed sync: ${failed.message}`;
  return `The disruption budget ${name} needs ${status?.desiredHealthy ?? 0} healthy pods and has ${status?.currentHealthy ?? 0} currently`;
}

function setInsufficient(budget: PodDisruptionBudget, now: string): void {
  const conditions = budget.status?.conditions ?? [];
  const before = conditions.find(({ type }) => type === "DisruptionAllowed");
  const condition = {
    type: "DisruptionAllowed",
    status: "False",
    reason: "InsufficientPods",
    message: "",
    observedGeneration: budget.status?.observedGeneration ?? 0,
    lastTransitionTime: before?.status === "False" ? before.lastTransitionTime : now,
  };
  if (budget.status !== undefined)
    budget.status.conditions = [...conditions.filter(({ type }) => type !== "DisruptionAllowed"), condition];
}

function exhausted(message: string, retryAfterSeconds: number): ApiError {
  return new ApiError("TooManyRequests", refusal, {
    details: {
      causes: [{ reason: "DisruptionBudget", message }],
      ...(retryAfterSeconds === 0 ? {} : { retryAfterSeconds }),
    },
  });
}

function senseless(name: string, why: string): ApiError {
  return new ApiError("Forbidden", `poddisruptionbudget.policy "${name}" is forbidden: ${why}`, {
    details: { name, group: "policy", kind: "poddisruptionbudget" },
  });
}
