/** Upstream's name of a cluster's own issuer of tokens, as kubeadm sets it. */
export const defaultIssuer = "https://kubernetes.default.svc.cluster.local";
