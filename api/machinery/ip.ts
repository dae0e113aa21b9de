/**
 * IP addresses and networks in the API's text. Pure: node:net knows no canonical form, and counts `::ffff:1.2.3.4` as IPv6.
 * Strict since v1.36 (KEP-4858): no leading zeros, no IPv4 in disguise.
 */
export type IpFamily = "IPv4" | "IPv6";

export interface Ip {
  readonly family: IpFamily;
  readonly value: bigint;
}

export interface Network {
  readonly ip: Ip;
  readonly prefix: number;
}

interface ReadIp extends Ip {
  /** Written `::ffff:1.2.3.4`: an IPv4 address as IPv6. */
  readonly mapped: boolean;
  /** `010.0.0.1` means another address to other software. */
  readonly leadingZeros: boolean;
}

const longest = 100;

/** Undefined when the text is no address. Zones (`%eth0`) are none. */
export function parseIp(text: string): Ip | undefined {
  const read = readIp(text);
  return read === undefined ? undefined : { family: read.family, value: read.value };
}

function readIp(text: string): ReadIp | undefined {
  if (text.length > longest) return undefined;
  if (!text.includes(":")) {
    const read = readIpv4(text);
    return read === undefined ? undefined : { family: "IPv4", mapped: false, ...read };
  }
  const read = readIpv6(text);
  if (read === undefined) return undefined;
  const mapped = read.value >> 32n === 0xffffn;
  return mapped
    ? { ...read, family: "IPv4", value: read.value & 0xffff_ffffn, mapped }
    : { ...read, family: "IPv6", mapped };
}

function readIpv4(text: string): { value: bigint; leadingZeros: boolean } | undefined {
  const parts = text.split(".");
  if (parts.length !== 4 || !parts.every((part) => /^[0-9]+$/.test(part) && Number(part) <= 255)) return undefined;
  const value = parts.reduce((sum, part) => (sum << 8n) | BigInt(part), 0n);
  return { value, leadingZeros: parts.some((part) => part.length > 1 && part.startsWith("0")) };
}

/** RFC 4291: eight groups, of which one run may be `::` and the last two may be written as IPv4. */
function readIpv6(text: string): { value: bigint; leadingZeros: boolean } | undefined {
  const last = text.slice(text.lastIndexOf(":") + 1);
  const ipv4 = last.includes(".") ? readIpv4(last) : undefined;
  if (last.includes(".") && ipv4 === undefined) return undefined;
  const tail = ipv4 === undefined ? last : `${(ipv4.value >> 16n).toString(16)}:${(ipv4.value & 0xffffn).toString(16)}`;
  const halves = (text.slice(0, text.length - last.length) + tail).split("::");
  if (halves.length > 2) return undefined;
  const [head = [], rest = []] = halves.map((half) => (half === "" ? [] : half.split(":")));
  const missing = 8 - head.length - rest.length;
  if (halves.length === 2 ? missing < 1 : missing !== 0) return undefined;
  const groups = [...head, ...Array<string>(missing).fill("0"), ...rest];
  if (!groups.every((group) => /^[0-9a-fA-F]+$/.test(group) && parseInt(group, 16) <= 0xffff)) return undefined;
  const value = groups.reduce((sum, group) => (sum << 16n) | BigInt(`0x${group}`), 0n);
  return { value, leadingZeros: ipv4?.leadingZeros === true || groups.some((group) => group.length > 4) };
}

/** RFC 5952. */
export function formatIp({ family, value }: Ip): string {
  if (family === "IPv4") return [24n, 16n, 8n, 0n].map((shift) => (value >> shift) & 0xffn).join(".");
  const groups = Array.from({ length: 8 }, (_, place) => ((value >> BigInt(16 * (7 - place))) & 0xffffn).toString(16));
  const { start, length } = longestZeros(groups);
  if (length < 2) return groups.join(":");
  return `${groups.slice(0, start).join(":")}::${groups.slice(start + length).join(":")}`;
}

function longestZeros(groups: readonly string[]): { start: number; length: number } {
  let best = { start: 0, length: 0 };
  for (let start = 0; start < groups.length; start++) {
    let end = start;
    while (groups[end] === "0") end++;
    if (end - start > best.length) best = { start, length: end - start };
  }
  return best;
}

/** Undefined when the text is no `address/bits`. */
export function parseNetwork(text: string): Network | undefined {
  const read = readNetwork(text);
  return read === undefined ? undefined : { ip: { family: read.ip.family, value: read.ip.value }, prefix: read.prefix };
}

function readNetwork(text: string): { ip: ReadIp; prefix: number; leadingZeros: boolean } | undefined {
  const slash = text.lastIndexOf("/");
  const bits = text.slice(slash + 1);
  const ip = slash === -1 ? undefined : readIp(text.slice(0, slash));
  if (ip === undefined || !/^[0-9]{1,10}$/.test(bits)) return undefined;
  const written = Number(bits);
  const prefix = ip.mapped ? written - 96 : written;
  if (prefix < 0 || prefix > width(ip)) return undefined;
  return { ip, prefix, leadingZeros: ip.leadingZeros || (bits.length > 1 && bits.startsWith("0")) };
}

function width({ family }: Ip): number {
  return family === "IPv4" ? 32 : 128;
}

export function formatNetwork({ ip, prefix }: Network): string {
  return `${formatIp(ip)}/${prefix}`;
}

/** The network's first address. */
export function networkStart({ ip, prefix }: Network): Ip {
  const host = BigInt(width(ip) - prefix);
  return { family: ip.family, value: (ip.value >> host) << host };
}

export function networkContains(network: Network, ip: Ip): boolean {
  return (
    network.ip.family === ip.family &&
    networkStart({ ip, prefix: network.prefix }).value === networkStart(network).value
  );
}

/** Old fields take any spelling of a valid address; new ones (`canonical`) only the one of RFC 5952. */
export function ipProblems(
  text: string,
  options: { readonly canonical: boolean } = { canonical: false },
): readonly string[] {
  const ip = readIp(text);
  if (ip === undefined) return ["must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)"];
  if (ip.leadingZeros) return ["must not have leading 0s"];
  if (ip.mapped) return ["must not be an IPv4-mapped IPv6 address"];
  if (options.canonical && formatIp(ip) !== text)
    return [`must be in canonical form (${JSON.stringify(formatIp(ip))})`];
  return [];
}

export function networkProblems(
  text: string,
  options: { readonly canonical: boolean } = { canonical: false },
): readonly string[] {
  const network = readNetwork(text);
  if (network === undefined) return ["must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)"];
  if (network.leadingZeros) return ["must not have leading 0s in IP or prefix length"];
  if (network.ip.mapped) return ["must not have an IPv4-mapped IPv6 address"];
  if (networkStart(network).value !== network.ip.value) return ["must not have bits set beyond the prefix length"];
  if (options.canonical && formatNetwork(network) !== text)
    return [`must be in canonical form (${JSON.stringify(formatNetwork(network))})`];
  return [];
}
