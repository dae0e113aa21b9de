import type {
  CertificateSigningRequest,
  CertificateSigningRequestCondition,
} from "../generated/types/certificates-v1.ts";
import { deepClone } from "../machinery/clone.ts";
import type { DeepReadonly } from "../machinery/object.ts";
import { formatTime } from "../machinery/time.ts";

type Condition = CertificateSigningRequestCondition;
const decisions = ["Approved", "Denied"];

/** A signer, who writes the status, cannot decide: that takes the approval endpoint and its permission. */
export function keepDecision(request: CertificateSigningRequest, old: DeepReadonly<CertificateSigningRequest>): void {
  const before = (old.status?.conditions ?? [])
    .filter(({ type }) => decisions.includes(type))
    .map(deepClone<Condition>);
  const others = (request.status?.conditions ?? []).filter(({ type }) => !decisions.includes(type));
  const conditions = [...before, ...others];
  request.status = { ...request.status, ...(conditions.length === 0 ? {} : { conditions }) };
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
