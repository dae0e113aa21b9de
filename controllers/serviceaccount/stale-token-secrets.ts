import type { Pod, Secret, ServiceAccount } from "../../api/generated/types/core-v1.ts";
import { podSecrets } from "../../api/core/pod-references.ts";
import { accountOfTokenSecret } from "../../api/core/token-secrets.ts";
import { getOwn } from "../../api/machinery/members.ts";
import type { DeepReadonly } from "../../api/machinery/object.ts";
import { timeMillis } from "../../api/machinery/time.ts";
import { dayOf, invalidSinceLabel, lastUsedLabel } from "../../auth/tokens/legacy-token.ts";

export interface Observed {
  readonly secrets: Iterable<DeepReadonly<Secret>>;
  readonly account: (namespace: string, name: string) => DeepReadonly<ServiceAccount> | undefined;
  readonly pods: (namespace: string) => Iterable<DeepReadonly<Pod>>;
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** So long a token is kept that nobody uses, and again so long after it was marked as invalid. */
  readonly cleanUpMs: number;
}

/** First a token no longer counts, which can be undone; much later it is gone. */
export interface Step {
  readonly secret: DeepReadonly<Secret>;
  readonly do: "invalidate" | "delete";
}

/**
 * Tokens that were once made for every account, and that nobody has used for so long.
 * https://kubernetes.io/docs/reference/access-authn-authz/service-accounts-admin/#legacy-serviceaccount-token-cleaner
 */
export function planCleanUp(observed: Observed): readonly Step[] {
  const mounted = mountedSecrets(observed.pods);
  const steps: Step[] = [];
  for (const secret of observed.secrets) {
    if (!isUnused(secret, observed) || !isGenerated(secret, observed)) continue;
    const { namespace = "", name = "", labels = {} } = secret.metadata ?? {};
    if (mounted(namespace).has(name)) continue;
    const invalidSince = getOwn(labels, invalidSinceLabel) ?? "";
    if (!isDay(invalidSince)) steps.push({ secret, do: "invalidate" });
    else if (invalidSince < oldest(observed)) steps.push({ secret, do: "delete" });
  }
  return steps;
}

/** What is younger is kept. */
function oldest({ now, cleanUpMs }: Observed): string {
  return dayOf(now - cleanUpMs);
}

function isUnused({ type, metadata }: DeepReadonly<Secret>, observed: Observed): boolean {
  if (type !== "kubernetes.io/service-account-token" || metadata?.deletionTimestamp !== undefined) return false;
  const created = timeMillis(metadata?.creationTimestamp) ?? observed.now;
  if (created >= observed.now - observed.cleanUpMs) return false;
  const lastUsed = getOwn(metadata?.labels ?? {}, lastUsedLabel);
  // Of what cannot be read nobody knows how old it is.
  return lastUsed === undefined || (isDay(lastUsed) && lastUsed < oldest(observed));
}

/** Those that somebody made himself are his to delete; only the others are named by their account. */
function isGenerated(secret: DeepReadonly<Secret>, { account: find }: Observed): boolean {
  const asked = accountOfTokenSecret(secret);
  if (asked === undefined) return false;
  const account = find(secret.metadata?.namespace ?? "", asked.name);
  if (account === undefined || (asked.uid !== "" && account.metadata?.uid !== asked.uid)) return false;
  return (account.secrets ?? []).some(({ name }) => name === secret.metadata?.name);
}

function mountedSecrets(pods: Observed["pods"]): (namespace: string) => ReadonlySet<string> {
  const known = new Map<string, ReadonlySet<string>>();
  return (namespace) => {
    const found = known.get(namespace) ?? new Set([...pods(namespace)].flatMap(podSecrets));
    known.set(namespace, found);
    return found;
  };
}

/** `2026-01-31` */
export function isDay(text: string): boolean {
  const parsed = /^\d{4}-\d{2}-\d{2}$/.test(text) ? timeMillis(`${text}T00:00:00Z`) : undefined;
  return parsed !== undefined && dayOf(parsed) === text;
}
