import {
  bootstrapTokens,
  bootstrapTokenSecretName,
  hasBootstrapTokenEnded,
  isBootstrapTokenFor,
  secretText,
  type BootstrapToken,
} from "../../api/core/bootstrap-tokens.ts";
import { clusterInfo, isSignatureKey } from "../../api/core/cluster-info.ts";
import type { Secret } from "../../api/generated/types/core-v1.ts";
import { getOwn } from "../../api/machinery/members.ts";
import type { DeepReadonly } from "../../api/machinery/object.ts";
import { detachedSignature } from "../../client/bootstrap/detached-signature.ts";

export function isBootstrapTokenSecret({ metadata, type }: DeepReadonly<Secret>): boolean {
  return type === bootstrapTokens.type && metadata?.namespace === bootstrapTokens.namespace;
}

/** The token, if it may sign what machines that join are told. */
export function signingToken(secret: DeepReadonly<Secret>, now: number): BootstrapToken | undefined {
  const token = { id: secretText(secret, "token-id"), secret: secretText(secret, "token-secret") };
  const isGood =
    isBootstrapTokenSecret(secret) &&
    token.id !== "" &&
    token.secret !== "" &&
    secret.metadata?.name === bootstrapTokenSecretName(token.id) &&
    !hasBootstrapTokenEnded(secret, now) &&
    isBootstrapTokenFor(secret, "signing");
  return isGood ? token : undefined;
}

type Data = Readonly<Record<string, string>>;

/** The data with a signature of each token and no others. The same where there is nothing to sign. */
export function signedData(data: Data, tokens: readonly BootstrapToken[]): Data {
  const content = getOwn(data, clusterInfo.kubeconfigKey);
  if (content === undefined) return data;
  return {
    ...Object.fromEntries(Object.entries(data).filter(([key]) => !isSignatureKey(key))),
    ...Object.fromEntries(
      tokens.map((token) => [clusterInfo.signatureKey(token.id), detachedSignature(content, token)]),
    ),
  };
}
