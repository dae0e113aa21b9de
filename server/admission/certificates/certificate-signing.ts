import type { CertificateSigningRequest } from "../../../api/generated/types/certificates-v1.ts";
import { semanticEqual } from "../../../api/machinery/equal.ts";
import type { DeepReadonly } from "../../../api/machinery/object.ts";
import type { Authorizer } from "../../../auth/authz/authorizer.ts";
import type { AdmissionPlugin } from "../plugin.ts";
import { stored, written } from "../written.ts";
import { requireSigner, signingRequests } from "./authorize-signer.ts";

/**
 * Who issues a certificate, or says why there is none, must be let to for its signer.
 * https://kubernetes.io/docs/reference/access-authn-authz/admission-controllers/#certificatesigning
 */
export function certificateSigning({ authorize }: { readonly authorize: Authorizer }): AdmissionPlugin {
  return {
    name: "CertificateSigning",
    validate(request) {
      if (request.operation !== "UPDATE") return undefined;
      const object = written<CertificateSigningRequest>(request, signingRequests, "status");
      if (object === undefined) return undefined;
      const old = stored<CertificateSigningRequest>(request);
      if (isSame(object.status, old?.status)) return undefined;
      return requireSigner(request, { authorize, verb: "sign", signerName: old?.spec.signerName ?? "" });
    },
  };
}

type Status = DeepReadonly<CertificateSigningRequest["status"]>;

function isSame(status: Status, old: Status): boolean {
  return (status?.certificate ?? "") === (old?.certificate ?? "") && semanticEqual(status?.conditions, old?.conditions);
}
