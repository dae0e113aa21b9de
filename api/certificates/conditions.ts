import type {
  CertificateSigningRequest,
  CertificateSigningRequestCondition,
} from "../generated/types/certificates-v1.ts";
import { deepClone } from "../machinery/clone.ts";
import type { DeepReadonly } from "../machinery/object.ts";
import { formatTime } from "../machinery/time.ts";

type Condition = CertificateSigningRequestCondition;
const decisions = ["Approved", "Denied"];

/**
 * A signer, who writes the status, cannot decide: that takes the approval endpoint and its permission. What it sends of
 * a decision that stands is put back as it was; one more or one less is left for validation to refuse.
 */
export function keepDecision(request: CertificateSigningRequest, old: DeepReadonly<CertificateSigningRequest>): void {
  const conditions = request.status?.conditions ?? [];
  for (const type of decisions) {
    const before = (old.status?.conditions ?? []).filter((condition) => condition.type === type);
    const places = [...conditions.keys()].filter((index) => conditions[index]?.type === type);
    if (places.length !== before.length) continue;
    for (const [at, index] of places.entries()) {
      const kept = before[at];
      if (kept !== undefined) conditions[index] = deepClone<Condition>(kept);
    }
  }
}

/** Conditions get times without their writer's help; one that stood before keeps its time. */
export function stampConditions(
  request: CertificateSigningRequest,
  old: DeepReadonly<CertificateSigningRequest>,
  now: number,
): void {
  for (const condition of request.status?.conditions ?? []) {
    condition.lastUpdateTime ||= formatTime(now);
    const before = old.status?.conditions?.find(
      ({ type, status }) => type === condition.type && status === condition.status,
    );
    condition.lastTransitionTime ||= before?.lastTransitionTime || formatTime(now);
  }
}
