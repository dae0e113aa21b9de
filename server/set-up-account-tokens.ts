import type { Node, Pod, Secret, ServiceAccount } from "../api/generated/types/core-v1.ts";
import { deepClone } from "../api/machinery/clone.ts";
import type { DeepReadonly } from "../api/machinery/object.ts";
import { ApiError } from "../api/machinery/status.ts";
import { legacyServiceAccountToken, serviceAccountToken } from "../auth/authn/service-account-token.ts";
import type { TokenAuthenticator } from "../auth/authn/token-authenticator.ts";
import { lastUsedLabel } from "../auth/tokens/legacy-token.ts";
import { type KeySetDocuments, keySetDocuments } from "../auth/tokens/key-set-documents.ts";
import { createTokenSigner } from "../auth/tokens/token-signer.ts";
import type { TokenObjects } from "../auth/tokens/token-objects.ts";
import { accountTokenMetrics } from "./account-token-metrics.ts";
import type { ObjectReader } from "./admission/object-reader.ts";
import type { Resources } from "./create-resources.ts";
import type { ServerOptions } from "./server-options.ts";
import { internalWrite } from "./strategy/write-request.ts";
import type { TokenIssuing } from "./verbs/token-request.ts";

/** Both kinds of service account tokens, judged by the objects of this server. */
export function accountTokenAuthenticators(
  { reader, objects, kindOf }: Resources,
  { serviceAccountTokens: { issuers, verificationKeys: keys }, clock, log, metrics }: ServerOptions,
  audiences: readonly string[],
): readonly TokenAuthenticator[] {
  const label = async ({ metadata }: DeepReadonly<Secret>, day: string): Promise<void> => {
    const kind = kindOf("secrets");
    if (kind === undefined) return;
    const { namespace = "", name = "", uid } = metadata ?? {};
    await objects.update({ ...internalWrite(kind, { namespace, name }), absent: "refuse" }, (current = {}) => {
      const copy = deepClone(current);
      copy.metadata = { ...copy.metadata, labels: { ...copy.metadata?.labels, [lastUsedLabel]: day } };
      // Another secret of the same name is not it.
      if (uid !== undefined) copy.metadata.uid = uid;
      return copy;
    });
  };
  const count = accountTokenMetrics(metrics);
  const shared = { count, keys, audiences, clock, objects: tokenObjects(reader) };
  return [
    legacyServiceAccountToken({
      ...shared,
      markUsed(secret, day) {
        label(secret, day).catch((error: unknown) => {
          const isGone = error instanceof ApiError && (error.reason === "NotFound" || error.reason === "Conflict");
          if (!isGone) log.error("a token's secret could not be labelled with the day of its use", { error });
        });
      },
    }),
    serviceAccountToken({ ...shared, issuers }),
  ];
}

export function tokenIssuing(
  { serviceAccountTokens: { issuers, signingKey, maxLifetimeSeconds, extendLifetime = true } }: ServerOptions,
  audiences: readonly string[],
): TokenIssuing {
  return { sign: createTokenSigner(issuers[0], signingKey), audiences, maxLifetimeSeconds, extendLifetime };
}

/** What others check the tokens by; undefined where the issuer's name does not allow it. */
export function openKeySet({
  serviceAccountTokens: { issuers, verificationKeys: keys, jwksUri },
  serverAddress,
}: ServerOptions): KeySetDocuments | undefined {
  return keySetDocuments({ issuer: issuers[0], keys, jwksUri, serverAddress });
}

function tokenObjects(reader: ObjectReader): TokenObjects {
  return {
    serviceAccount: (namespace, name) => reader.find<ServiceAccount>("serviceaccounts", namespace, name),
    pod: (namespace, name) => reader.find<Pod>("pods", namespace, name),
    secret: (namespace, name) => reader.find<Secret>("secrets", namespace, name),
    node: (name) => reader.find<Node>("nodes", "", name),
  };
}
