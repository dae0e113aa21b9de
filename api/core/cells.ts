/** Texts that the tables of several kinds share. */
export function orNone(text: string | undefined): string {
  return text ? text : "<none>";
}

export function listWithMore(shown: readonly string[], total: number): string {
  const text = shown.join(",");
  return total > shown.length ? `${text} + ${total - shown.length} more...` : text;
}

/** The addresses a load balancer was given, each once, sorted. */
export function loadBalancerText(
  ingress: readonly { readonly ip?: string; readonly hostname?: string }[] | undefined,
): string {
  const addresses = (ingress ?? []).map(({ ip, hostname }) => ip || hostname || "").filter((address) => address !== "");
  return [...new Set(addresses)].sort().join(",");
}

const shortModes: readonly (readonly [mode: string, short: string])[] = [
  ["ReadWriteOnce", "RWO"],
  ["ReadOnlyMany", "ROX"],
  ["ReadWriteMany", "RWX"],
  ["ReadWriteOncePod", "RWOP"],
];

/** `RWO,ROX`, always in this order. */
export function accessModes(modes: readonly string[] | undefined): string {
  return shortModes
    .filter(([mode]) => (modes ?? []).includes(mode))
    .map(([, short]) => short)
    .join(",");
}
