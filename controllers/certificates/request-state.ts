import type { CertificateSigningRequest } from "../../api/generated/types/certificates-v1.ts";
import type { DeepReadonly } from "../../api/machinery/object.ts";
import { readSigningRequest, type SigningRequest } from "../../certs/signing-request.ts";

export type Csr = DeepReadonly<CertificateSigningRequest>;

/** Whatever the condition's status is: a decision is never taken back. */
export function hasCondition({ status }: Csr, type: string): boolean {
  return (status?.conditions ?? []).some((condition) => condition.type === type);
}

export function isIssued({ status }: Csr): boolean {
  return (status?.certificate ?? "") !== "";
}

/** Throws SigningRequestError: for one that came into the store past the API. */
export function requestOf({ spec }: Csr): SigningRequest {
  return readSigningRequest(Buffer.from(spec.request, "base64").toString("latin1"));
}
