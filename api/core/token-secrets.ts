import type { Secret } from "../generated/types/core-v1.ts";
import { getOwn } from "../machinery/members.ts";
import type { DeepReadonly } from "../machinery/object.ts";

/** https://kubernetes.io/docs/concepts/configuration/secret/#serviceaccount-token-secrets */
export const accountNameAnnotation = "kubernetes.io/service-account.name";
export const accountUidAnnotation = "kubernetes.io/service-account.uid";

/** The account that a secret asks for a token of; undefined where it is no such secret. */
export function accountOfTokenSecret({
  type,
  metadata,
}: DeepReadonly<Secret>): { readonly name: string; readonly uid: string } | undefined {
  if (type !== "kubernetes.io/service-account-token") return undefined;
  const { annotations = {} } = metadata ?? {};
  const name = getOwn(annotations, accountNameAnnotation) ?? "";
  return name === "" ? undefined : { name, uid: getOwn(annotations, accountUidAnnotation) ?? "" };
}
