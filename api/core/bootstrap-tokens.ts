import type { Secret } from "../generated/types/core-v1.ts";
import { getOwn } from "../machinery/members.ts";
import type { DeepReadonly } from "../machinery/object.ts";
import { timeMillis } from "../machinery/time.ts";

/**
 * Bootstrap tokens, by which machines join a cluster: secrets of one type in kube-system.
 * https://kubernetes.io/docs/reference/access-authn-authz/bootstrap-tokens/
 */
export const bootstrapTokens = {
  type: "bootstrap.kubernetes.io/token",
  namespace: "kube-system",
  /** Who comes by one is a member… */
  group: "system:bootstrappers",
  /** …and called so, by the token's id. */
  userPrefix: "system:bootstrap:",
} as const;

/** What a bearer presents: `abcdef.0123456789abcdef`. The id is no secret. */
export interface BootstrapToken {
  readonly id: string;
  readonly secret: string;
}

export function parseBootstrapToken(text: string): BootstrapToken | undefined {
  const { id, secret } = /^(?<id>[a-z0-9]{6})\.(?<secret>[a-z0-9]{16})$/.exec(text)?.groups ?? {};
  return id === undefined || secret === undefined ? undefined : { id, secret };
}

export function isBootstrapTokenId(text: string): boolean {
  return /^[a-z0-9]{6}$/.test(text);
}

export function bootstrapTokenSecretName(id: string): string {
  return `bootstrap-token-${id}`;
}

/** One of the texts in a secret; "" where there is none. */
export function secretText({ data }: DeepReadonly<Secret>, key: string): string {
  return Buffer.from(getOwn(data ?? {}, key) ?? "", "base64").toString("utf8");
}

/** Milliseconds since the epoch; undefined for a token that does not end. One that cannot be read has ended. */
export function bootstrapTokenEnd(secret: DeepReadonly<Secret>): number | undefined {
  const text = secretText(secret, "expiration");
  return text === "" ? undefined : (timeMillis(text) ?? -Infinity);
}

export function hasBootstrapTokenEnded(secret: DeepReadonly<Secret>, now: number): boolean {
  return (bootstrapTokenEnd(secret) ?? Infinity) <= now;
}

/** Whether the secret is for `authentication`, or for `signing`. */
export function isBootstrapTokenFor(secret: DeepReadonly<Secret>, usage: "authentication" | "signing"): boolean {
  return secretText(secret, `usage-bootstrap-${usage}`) === "true";
}

const groupPattern = /^system:bootstrappers:[a-z0-9:-]{0,255}[a-z0-9]$/;

export function isBootstrapGroup(name: string): boolean {
  return groupPattern.test(name);
}

/** Those that its bearer is in, sorted; undefined where one is none that a token may give. */
export function bootstrapTokenGroups(secret: DeepReadonly<Secret>): readonly string[] | undefined {
  const text = secretText(secret, "auth-extra-groups");
  const extra = text === "" ? [] : text.split(",");
  return extra.every(isBootstrapGroup) ? [...new Set([bootstrapTokens.group, ...extra])].toSorted() : undefined;
}
