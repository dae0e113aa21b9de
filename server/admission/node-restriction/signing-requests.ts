import type { CertificateSigningRequest } from "../../../api/generated/types/certificates-v1.ts";
import { readSigningRequest, SigningRequestError } from "../../../certs/signing-request.ts";
import { forbid } from "../forbid.ts";
import type { AdmissionRequest } from "../plugin.ts";
import type { Restriction } from "./node-restriction.ts";

const nodeSigners: readonly string[] = ["kubernetes.io/kubelet-serving", "kubernetes.io/kube-apiserver-client-kubelet"];

/** A node asks for certificates as itself. All else about them is the signer's to judge. */
export const restrictSigningRequest: Restriction = (node, request) => {
  if (request.operation !== "CREATE" || request.subresource !== "") return;
  const { spec } = (request.object ?? {}) as Partial<CertificateSigningRequest>;
  if (!nodeSigners.includes(spec?.signerName ?? "")) return;
  const wanted = `system:node:${node}`;
  if (commonNameOf(spec?.request ?? "", request) !== wanted)
    throw forbid(request, `can only create a node CSR with CN=${wanted}`);
};

function commonNameOf(base64: string, request: AdmissionRequest): string {
  try {
    return readSigningRequest(Buffer.from(base64, "base64").toString("latin1")).commonName;
  } catch (thrown) {
    if (thrown instanceof SigningRequestError) throw forbid(request, `unable to parse csr: ${thrown.message}`);
    throw thrown;
  }
}
