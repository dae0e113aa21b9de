/**
 * The ConfigMap from which machines that join learn where the server is and whom to trust.
 * https://kubernetes.io/docs/reference/access-authn-authz/bootstrap-tokens/#configmap-signing
 */
export const clusterInfo = {
  namespace: "kube-public",
  name: "cluster-info",
  /** A kubeconfig without a user. */
  kubeconfigKey: "kubeconfig",
  /** Its signatures, by the token's id. */
  signatureKey: (tokenId: string): string => `${signaturePrefix}${tokenId}`,
} as const;

const signaturePrefix = "jws-kubeconfig-";

export function isSignatureKey(key: string): boolean {
  return key.startsWith(signaturePrefix);
}
