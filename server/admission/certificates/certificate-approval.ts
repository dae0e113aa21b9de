import type { CertificateSigningRequest } from "../../../api/generated/types/certificates-v1.ts";
import type { Authorizer } from "../../../auth/authz/authorizer.ts";
import type { AdmissionPlugin } from "../plugin.ts";
import { isAbout, stored } from "../written.ts";
import { requireSigner, signingRequests } from "./authorize-signer.ts";

/**
 * Who approves or denies a request must be let to for its signer.
 * https://kubernetes.io/docs/reference/access-authn-authz/admission-controllers/#certificateapproval
 */
export function certificateApproval({ authorize }: { readonly authorize: Authorizer }): AdmissionPlugin {
  return {
    name: "CertificateApproval",
    validate(request) {
      if (request.operation !== "UPDATE" || !isAbout(request, signingRequests, "approval")) return undefined;
      // The stored one: nobody changes the signer on the way.
      const signerName = stored<CertificateSigningRequest>(request)?.spec.signerName ?? "";
      return requireSigner(request, { authorize, verb: "approve", signerName });
    },
  };
}
