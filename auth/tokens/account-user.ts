import type { UserInfo } from "../../api/wire.ts";

/** Whom a service account token stands for. */
export interface AccountIdentity {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  readonly pod?: { readonly name: string; readonly uid: string } | undefined;
  readonly node?: { readonly name: string; readonly uid: string } | undefined;
  /** The token's own id, by which audit logs tell it from others. */
  readonly tokenId?: string | undefined;
}

const extras = "authentication.kubernetes.io";

/** `system:serviceaccount:ns:name` */
export function accountName(namespace: string, name: string): string {
  return `system:serviceaccount:${namespace}:${name}`;
}

/** How audit logs name a token: that of a request, and that of a token that was just made. */
export function credentialId(tokenId: string): string {
  return `JTI=${tokenId}`;
}

/** https://kubernetes.io/docs/reference/access-authn-authz/service-accounts-admin/#bound-service-account-tokens */
export function accountUser({ namespace, name, uid, pod, node, tokenId = "" }: AccountIdentity): UserInfo {
  const extra: Record<string, readonly string[]> = {};
  if (tokenId !== "") extra[`${extras}/credential-id`] = [credentialId(tokenId)];
  if (node !== undefined && node.name !== "") {
    extra[`${extras}/node-name`] = [node.name];
    if (node.uid !== "") extra[`${extras}/node-uid`] = [node.uid];
  }
  if (pod !== undefined && pod.name !== "" && pod.uid !== "") {
    extra[`${extras}/pod-name`] = [pod.name];
    extra[`${extras}/pod-uid`] = [pod.uid];
  }
  return {
    name: accountName(namespace, name),
    uid,
    groups: ["system:serviceaccounts", `system:serviceaccounts:${namespace}`],
    ...(Object.keys(extra).length === 0 ? {} : { extra }),
  };
}
