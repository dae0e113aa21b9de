import type { CertificateSigningRequest } from "../../../api/generated/types/certificates-v1.ts";
import { readSigningRequest, SigningRequestError } from "../../../certs/signing-request.ts";
import { forbid } from "../forbid.ts";
import type { AdmissionPlugin, AdmissionRequest } from "../plugin.ts";
import { written } from "../written.ts";
import { signingRequests } from "./authorize-signer.ts";

const clientSigner = "kubernetes.io/kube-apiserver-client";

/**
 * Nobody becomes a member of system:masters by a certificate: that could never be taken back.
 * https://kubernetes.io/docs/reference/access-authn-authz/admission-controllers/#certificatesubjectrestriction
 */
export function certificateSubjectRestriction(): AdmissionPlugin {
  return {
    name: "CertificateSubjectRestriction",
    validate(request) {
      if (request.operation !== "CREATE") return;
      const object = written<CertificateSigningRequest>(request, signingRequests);
      if (object?.spec.signerName !== clientSigner) return;
      if (organizationsOf(request, object).includes("system:masters"))
        throw forbid(request, `use of ${clientSigner} signer with system:masters group is not allowed`);
    },
  };
}

function organizationsOf(request: AdmissionRequest, { spec }: CertificateSigningRequest): readonly string[] {
  try {
    return readSigningRequest(Buffer.from(spec.request, "base64").toString("latin1")).organizations;
  } catch (thrown) {
    if (thrown instanceof SigningRequestError) throw forbid(request, `failed to parse CSR: ${thrown.message}`);
    throw thrown;
  }
}
