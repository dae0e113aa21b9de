import type { Check, Revision } from "./check.ts";

/** What a release added stands behind what was there before. */
const safe: readonly (readonly [since: number, names: readonly string[]])[] = [
  [
    0,
    [
      "kernel.shm_rmid_forced",
      "net.ipv4.ip_local_port_range",
      "net.ipv4.tcp_syncookies",
      "net.ipv4.ping_group_range",
      "net.ipv4.ip_unprivileged_port_start",
    ],
  ],
  [27, ["net.ipv4.ip_local_reserved_ports"]],
  [
    29,
    [
      "net.ipv4.tcp_keepalive_time",
      "net.ipv4.tcp_fin_timeout",
      "net.ipv4.tcp_keepalive_intvl",
      "net.ipv4.tcp_keepalive_probes",
    ],
  ],
  [32, ["net.ipv4.tcp_rmem", "net.ipv4.tcp_wmem"]],
];

/** Kernel parameters that are the pod's alone. */
export const sysctls: Check = {
  id: "sysctls",
  level: "baseline",
  revisions: safe.map(([since]) => {
    const allowed = safe.filter(([added]) => added <= since).flatMap(([, names]) => names);
    return { since, find: finder(new Set(allowed)) };
  }),
};

function finder(allowed: ReadonlySet<string>): Revision["find"] {
  return ({ spec }) => {
    const names = (spec.securityContext?.sysctls ?? []).map(({ name }) => name).filter((name) => !allowed.has(name));
    return names.length === 0 ? undefined : { reason: "forbidden sysctls", detail: names.join(", ") };
  };
}
