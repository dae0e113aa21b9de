import type { ValidatingAdmissionPolicy } from "../../../api/generated/types/admissionregistration-v1.ts";
import { deepClone } from "../../../api/machinery/clone.ts";
import { ApiError } from "../../../api/machinery/status.ts";
import type { Clock } from "../../../base/clock.ts";
import type { Logger } from "../../../base/log.ts";
import { repeat } from "../../../base/repeat.ts";
import type { ObjectWriter } from "../object-reader.ts";
import { nameOf } from "./bound-policies.ts";
import { checkedTypes, type CheckedTypesDeps } from "./checked-types.ts";
import { isUnchecked, planTypeChecking } from "./type-checking.ts";

export interface TypeCheckingDeps extends CheckedTypesDeps {
  readonly writer: ObjectWriter;
  readonly log: Logger;
  /** Real time. */
  readonly timers: Clock;
}

const policies = "validatingadmissionpolicies.admissionregistration.k8s.io";
const intervalMs = 1000;

/** Keeps the type checking in the status of ValidatingAdmissionPolicies. Returns what ends it. */
export function startTypeChecking(deps: TypeCheckingDeps): () => Promise<void> {
  const check = createTypeChecking(deps);
  return repeat(intervalMs, check, {
    clock: deps.timers,
    failed: (error) => deps.log.warn("the type checking of policies has failed; it will be tried again", { error }),
  });
}

/** Checks the policies that have changed since they were last checked; without changes it costs one look. */
export function createTypeChecking(deps: Pick<TypeCheckingDeps, "writer"> & CheckedTypesDeps): () => Promise<void> {
  const { reader, writer } = deps;
  let checked: number | undefined;
  return async () => {
    const generation = await reader.generation(policies);
    if (generation === checked) return;
    for (const policy of await reader.list<ValidatingAdmissionPolicy>(policies)) {
      if (!isUnchecked(policy)) continue;
      const status = planTypeChecking(policy, await checkedTypes(policy.spec ?? {}, deps));
      try {
        await writer.updateStatus<ValidatingAdmissionPolicy>(policies, "", nameOf(policy), (current) => {
          // A newer one is checked in the next turn.
          if (current.metadata?.generation !== policy.metadata?.generation) return undefined;
          return {
            ...deepClone<ValidatingAdmissionPolicy>(current),
            status: { ...deepClone<object>(current.status ?? {}), ...status },
          };
        });
      } catch (thrown) {
        if (!(thrown instanceof ApiError) || thrown.reason !== "NotFound") throw thrown;
      }
    }
    checked = generation;
  };
}
