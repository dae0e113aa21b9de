/** Ports of the node itself that pods hold. An address of 0.0.0.0 takes the port on every address. */
export interface HostPort {
  readonly protocol: string;
  readonly ip: string;
  readonly port: number;
}

/** The addresses in use by `TCP/80`. */
export type UsedPorts = ReadonlyMap<string, ReadonlySet<string>>;

const anyAddress = "0.0.0.0";

export function portsConflict(used: UsedPorts, { protocol, ip, port }: HostPort): boolean {
  const addresses = used.get(`${protocol}/${port}`);
  if (addresses === undefined) return false;
  return ip === anyAddress || addresses.has(anyAddress) || addresses.has(ip);
}

export function usePorts(used: Map<string, Set<string>>, ports: readonly HostPort[]): void {
  for (const { protocol, ip, port } of ports) {
    const key = `${protocol}/${port}`;
    const addresses = used.get(key);
    if (addresses === undefined) used.set(key, new Set([ip]));
    else addresses.add(ip);
  }
}
