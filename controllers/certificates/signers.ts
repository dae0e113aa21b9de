import type { SigningRequest } from "../../certs/signing-request.ts";

/** Why the signer does not sign this, in upstream's words; undefined where it does. */
export type SignerRule = (request: SigningRequest, usages: readonly string[]) => string | undefined;

export const kubeletClientSigner = "kubernetes.io/kube-apiserver-client-kubelet";

const nodeGroup = "system:nodes";
const nodePrefix = "system:node:";

/** What a kubelet shows the API server. */
export const kubeletClientProblem: SignerRule = (request, usages) => {
  if (!isOfNodes(request)) return "subject organization is not system:nodes";
  if (request.dnsNames.length > 0) return "DNS subjectAltNames are not allowed";
  if (request.emailAddresses.length > 0) return "Email subjectAltNames are not allowed";
  if (request.ipAddresses.length > 0) return "IP subjectAltNames are not allowed";
  if (request.uris.length > 0) return "URI subjectAltNames are not allowed";
  if (!request.commonName.startsWith(nodePrefix)) return "subject common name does not begin with system:node:";
  return usagesProblem(usages, "client auth");
};

/** What a kubelet shows those who ask it. */
const kubeletServingProblem: SignerRule = (request, usages) => {
  if (!isOfNodes(request)) return "subject organization is not system:nodes";
  if (request.dnsNames.length === 0 && request.ipAddresses.length === 0) return "DNS or IP subjectAltName is required";
  if (request.emailAddresses.length > 0) return "Email subjectAltNames are not allowed";
  if (request.uris.length > 0) return "URI subjectAltNames are not allowed";
  const wrong = usagesProblem(usages, "server auth");
  if (wrong !== undefined) return wrong;
  return request.commonName.startsWith(nodePrefix) ? undefined : "subject common name does not begin with system:node:";
};

const clientProblem: SignerRule = (_request, usages) => {
  const other = usages.find((usage) => !["digital signature", "key encipherment", "client auth"].includes(usage));
  if (other !== undefined) return `invalid usage for client certificate: ${other}`;
  return usages.includes("client auth") ? undefined : "missing required usage for client certificate: client auth";
};

/**
 * The signers that the cluster itself is, and what they sign.
 * https://kubernetes.io/docs/reference/access-authn-authz/certificate-signing-requests/#kubernetes-signers
 */
export const signers: ReadonlyMap<string, SignerRule> = new Map<string, SignerRule>([
  ["kubernetes.io/kubelet-serving", kubeletServingProblem],
  [kubeletClientSigner, kubeletClientProblem],
  ["kubernetes.io/kube-apiserver-client", clientProblem],
  // Of old: it promises nothing, and signs everything.
  ["kubernetes.io/legacy-unknown", () => undefined],
]);

function isOfNodes({ organizations }: SigningRequest): boolean {
  return organizations.length === 1 && organizations[0] === nodeGroup;
}

/** Keys that are not RSA's encipher nothing: that usage may be left out, and nothing else. */
function usagesProblem(usages: readonly string[], purpose: string): string | undefined {
  const wanted = [purpose, "digital signature", "key encipherment"].toSorted();
  const given = new Set([...usages, "key encipherment"]);
  const isSame = given.size === wanted.length && wanted.every((usage) => given.has(usage));
  return isSame ? undefined : `usages did not match [${wanted.join(" ")}]`;
}
