/** A pod that has to go at a time. */
export interface Eviction {
  readonly uid: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
  isAnnounced: boolean;
}

/** What the taints and tolerations of a pod come to, by what is planned for it already. */
export type Decision =
  | { readonly is: "none" }
  /** Its time has come. */
  | { readonly is: "evict"; readonly eviction: Eviction }
  | { readonly is: "wait"; readonly eviction: Eviction };

export interface Observed {
  readonly uid: string;
  /** As `staySeconds` says; undefined where its node is gone, which changes nothing. */
  readonly stay: number | undefined;
  readonly planned: Eviction | undefined;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/** The first time that a pod was given stands: neither another taint nor a longer toleration puts it off. */
export function decide({ uid, stay, planned, now }: Observed): Decision {
  if (stay === Infinity) return { is: "none" };
  if (stay === undefined && planned === undefined) return { is: "none" };
  const isNow = stay === 0 && (planned === undefined || planned.at > now);
  const eviction = isNow || planned === undefined ? { uid, at: now + (stay ?? 0) * 1000, isAnnounced: false } : planned;
  return { is: eviction.at <= now ? "evict" : "wait", eviction };
}
