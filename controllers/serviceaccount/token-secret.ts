import type { Secret, ServiceAccount } from "../../api/generated/types/core-v1.ts";
import { accountNameAnnotation, accountUidAnnotation } from "../../api/core/token-secrets.ts";
import { deepEqual } from "../../api/machinery/equal.ts";
import { getOwn } from "../../api/machinery/members.ts";
import type { DeepReadonly } from "../../api/machinery/object.ts";
import { type Account, legacyClaims } from "../../auth/tokens/claims.ts";
import type { TokenSigner } from "../../auth/tokens/token-signer.ts";

export interface TokenSecretDeps {
  readonly caPem: string;
  readonly sign: TokenSigner;
}

/** The secret with everything that a pod needs which mounts it; undefined when nothing is missing. */
export async function filledTokenSecret(
  secret: DeepReadonly<Secret>,
  account: DeepReadonly<ServiceAccount>,
  { caPem, sign }: TokenSecretDeps,
): Promise<DeepReadonly<Secret> | undefined> {
  const wanted = { "ca.crt": base64(caPem), namespace: base64(secret.metadata?.namespace ?? "") };
  const data = { ...wanted, ...filled(secret.data ?? {}), "ca.crt": wanted["ca.crt"] };
  const token = getOwn<string>(data, "token") ?? base64(await sign(legacyClaims(accountOf(account), nameOf(secret))));
  const complete = { ...data, token };
  if (deepEqual(complete, secret.data)) return undefined;
  const { name, uid } = accountOf(account);
  const annotations = { [accountNameAnnotation]: name, [accountUidAnnotation]: uid };
  const { metadata } = secret;
  return {
    ...secret,
    metadata: { ...metadata, annotations: { ...metadata?.annotations, ...annotations } },
    data: complete,
  };
}

/** An empty value is none, but for what others keep there. */
function filled(data: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(data).filter(([key, value]) => value !== "" || (key !== "token" && key !== "namespace")),
  );
}

function accountOf({ metadata }: DeepReadonly<ServiceAccount>): Account {
  const { namespace = "", name = "", uid = "" } = metadata ?? {};
  return { namespace, name, uid };
}

function nameOf({ metadata }: DeepReadonly<Secret>): string {
  return metadata?.name ?? "";
}

function base64(text: string): string {
  return Buffer.from(text).toString("base64");
}
