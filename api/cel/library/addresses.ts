import {
  formatIp,
  formatNetwork,
  ipProblems,
  networkContains,
  networkStart,
  parseIp,
  type Ip,
  type Network,
} from "../../machinery/ip.ts";
import { CelError } from "../cel.ts";
import { actualSize } from "../cost/actual-size.ts";
import { traversal } from "../cost/factors.ts";
import { add, exactly, scale } from "../cost/range.ts";
import { OpaqueValue, type Value } from "../values/value.ts";
import { declare, type Declaration } from "./declare.ts";
import { asText, noSuchOverload } from "./overload.ts";
import { inProportion } from "./sizes.ts";

/** https://kubernetes.io/docs/reference/using-api/cel/#kubernetes-ip-address-library */
class IpValue extends OpaqueValue {
  override readonly typeName = "net.IP";
  readonly ip: Ip;

  constructor(ip: Ip) {
    super();
    this.ip = ip;
  }

  override equals(other: OpaqueValue): boolean {
    return other instanceof IpValue && other.ip.family === this.ip.family && other.ip.value === this.ip.value;
  }

  /** In bytes. */
  override get size(): number {
    return this.ip.family === "IPv4" ? 4 : 16;
  }
}

class CidrValue extends OpaqueValue {
  override readonly typeName = "net.CIDR";
  readonly network: Network;

  constructor(network: Network) {
    super();
    this.network = network;
  }

  override equals(other: OpaqueValue): boolean {
    return other instanceof CidrValue && formatNetwork(other.network) === formatNetwork(this.network);
  }

  /** Of the prefix, in bytes. */
  override get size(): number {
    return Math.ceil(this.network.prefix / 8);
  }
}

function asIp(value: Value): Ip {
  if (value instanceof IpValue) return value.ip;
  throw noSuchOverload();
}

function asNetwork(value: Value): Network {
  if (value instanceof CidrValue) return value.network;
  throw noSuchOverload();
}

/** Stricter than fields of the API are: no leading zeros, no IPv4 in disguise. */
function tryIp(text: string): Ip | undefined {
  return ipProblems(text).length === 0 ? parseIp(text) : undefined;
}

function readIp(text: string): Ip {
  const ip = tryIp(text);
  if (ip !== undefined) return ip;
  if (/^[0-9a-fA-F:.]+%.+$/.test(text)) throw new CelError(`IP address "${text}" with zone value is not allowed`);
  if (text.includes(":") && parseIp(text)?.family === "IPv4")
    throw new CelError(`IPv4-mapped IPv6 address "${text}" is not allowed`);
  throw new CelError(`IP Address "${text}" parse error during conversion from string: ${parseProblem(text)}`);
}

function parseProblem(text: string): string {
  return `ParseAddr("${text}"): ${text.includes(":") ? ipv6Problem(text) : ipv4Problem(text)}`;
}

/** The first thing that Go finds wrong. */
function ipv4Problem(text: string): string {
  const fields = text.split(".");
  if (fields.length === 1) return "unable to parse IP";
  for (const [place, field] of fields.entries()) {
    if (/[^0-9]/.test(field)) return `unexpected character (at ${JSON.stringify(field.replace(/^[0-9]*/, ""))})`;
    if (field === "")
      return `IPv4 field must have at least one digit (at ${JSON.stringify(emptyField(fields, place))})`;
    if (field.length > 1 && field.startsWith("0")) return "IPv4 field has octet with leading zero";
    if (Number(field) > 255) return "IPv4 field has value >255";
    if (place > 3) return "IPv4 address too long";
  }
  return "IPv4 address too short";
}

function emptyField(fields: readonly string[], place: number): string {
  return place === fields.length - 1 ? "." : `.${fields.slice(place + 1).join(".")}`;
}

function ipv6Problem(text: string): string {
  const long = /[0-9a-fA-F]{5}.*$/.exec(text)?.[0];
  if (long !== undefined) return `each group must have 4 or less digits (at ${JSON.stringify(long)})`;
  const strange = /[^0-9a-fA-F:.].*$/.exec(text)?.[0];
  if (strange !== undefined)
    return `each colon-separated field must have at least one digit (at ${JSON.stringify(strange)})`;
  const doubled = /^.*?::.*?:(:.*)$/.exec(text)?.[1];
  if (doubled !== undefined) return `multiple :: in address (at ${JSON.stringify(doubled)})`;
  return text.split(":").length > 8 ? "trailing garbage after address" : "address string too short";
}

function tryNetwork(text: string): Network | undefined {
  const slash = text.lastIndexOf("/");
  const bits = text.slice(slash + 1);
  const ip = slash === -1 ? undefined : tryIp(text.slice(0, slash));
  if (ip === undefined || !/^(?:0|[1-9][0-9]{0,2})$/.test(bits)) return undefined;
  const prefix = Number(bits);
  return prefix > (ip.family === "IPv4" ? 32 : 128) ? undefined : { ip, prefix };
}

function readNetwork(text: string): Network {
  const network = tryNetwork(text);
  if (network !== undefined) return network;
  const said = "network address parse error during conversion from string:";
  throw new CelError(`${said} ${networkProblem(text, said)}`);
}

/** Upstream says some of it twice. */
function networkProblem(text: string, said: string): string {
  const slash = text.lastIndexOf("/");
  const [address, bits] = [text.slice(0, Math.max(slash, 0)), text.slice(slash + 1)];
  if (address.includes(":") && parseIp(address)?.family === "IPv4")
    return `IPv4-mapped IPv6 address "${text}" is not allowed`;
  const where = `${said} netip.ParsePrefix("${text}"):`;
  if (slash === -1) return `${where} no '/'`;
  if (address.includes("%")) return `${where} IPv6 zones cannot be present in a prefix`;
  if (tryIp(address) === undefined) return `${where} ${parseProblem(address)}`;
  if (!/^(?:0|[1-9][0-9]*)$/.test(bits)) return `${where} bad bits after slash: ${JSON.stringify(bits)}`;
  return `${where} prefix length out of range`;
}

function within(network: string): (ip: Ip) => boolean {
  const known = tryNetwork(network);
  return (ip) => known !== undefined && networkContains(known, ip);
}

/** Not the networks that the API calls so, but the address ranges of the Internet's standards. */
const unspecified = [within("0.0.0.0/32"), within("::/128")];
const loopback = [within("127.0.0.0/8"), within("::1/128")];
const linkLocalUnicast = [within("169.254.0.0/16"), within("fe80::/10")];
const multicast = [within("224.0.0.0/4"), within("ff00::/8")];
const broadcast = [within("255.255.255.255/32")];

function isOneOf(ip: Ip, ranges: readonly ((ip: Ip) => boolean)[]): boolean {
  return ranges.some((range) => range(ip));
}

/** `ff02::`, with any flags. */
function isLinkLocalMulticast(ip: Ip): boolean {
  if (ip.family === "IPv4") return within("224.0.0.0/24")(ip);
  return within("ff00::/8")(ip) && ((ip.value >> 112n) & 0xfn) === 2n;
}

function isGlobalUnicast(ip: Ip): boolean {
  return !isOneOf(ip, [...unspecified, ...loopback, ...linkLocalUnicast, ...multicast, ...broadcast]);
}

function containsNetwork(outer: Network, inner: Network): boolean {
  return inner.prefix >= outer.prefix && networkContains(outer, networkStart(inner));
}

const parsed = inProportion(0);

/** Two addresses are compared byte by byte; a text is read first. */
function comparing(kind: "ip" | "network", text: boolean): Parameters<typeof declare>[2] {
  const bytes = { min: 4, max: 16 };
  return {
    cost: ([network, other]) => {
      const size = actualSize(network);
      const extra = kind === "network" ? Math.ceil(size * traversal) + 1 : 0;
      return Math.ceil(2 * size * traversal) + extra + (text ? Math.ceil(actualSize(other) * traversal) : 0);
    },
    estimate: (call) => ({
      cost: add(
        scale(add(bytes, bytes), traversal),
        kind === "network" ? add(scale(bytes, traversal), exactly(1)) : exactly(0),
        text ? scale(call.size(1), traversal) : exactly(0),
      ),
    }),
  };
}

const ips: readonly Declaration[] = [
  declare("ip(string): net.IP", (a) => new IpValue(readIp(asText(a))), parsed),
  declare("isIP(string): bool", (a) => tryIp(asText(a)) !== undefined, parsed),
  declare(
    "ip.isCanonical(string): bool",
    (a) => formatIp(readIp(asText(a))) === asText(a),
    inProportion(0, 2 * traversal),
  ),
  declare("net.IP.family(): int", (a) => (asIp(a).family === "IPv4" ? 4n : 6n)),
  declare("net.IP.isUnspecified(): bool", (a) => isOneOf(asIp(a), unspecified)),
  declare("net.IP.isLoopback(): bool", (a) => isOneOf(asIp(a), loopback)),
  declare("net.IP.isLinkLocalMulticast(): bool", (a) => isLinkLocalMulticast(asIp(a))),
  declare("net.IP.isLinkLocalUnicast(): bool", (a) => isOneOf(asIp(a), linkLocalUnicast)),
  declare("net.IP.isGlobalUnicast(): bool", (a) => isGlobalUnicast(asIp(a))),
  declare("string(net.IP): string", (a) => formatIp(asIp(a))),
];

const cidrs: readonly Declaration[] = [
  declare("cidr(string): net.CIDR", (a) => new CidrValue(readNetwork(asText(a))), parsed),
  declare("isCIDR(string): bool", (a) => tryNetwork(asText(a)) !== undefined, parsed),
  declare(
    "net.CIDR.containsIP(net.IP): bool",
    (a, b) => networkContains(asNetwork(a), asIp(b)),
    comparing("ip", false),
  ),
  declare(
    "net.CIDR.containsIP(string): bool",
    (a, b) => networkContains(asNetwork(a), readIp(asText(b))),
    comparing("ip", true),
  ),
  declare(
    "net.CIDR.containsCIDR(net.CIDR): bool",
    (a, b) => containsNetwork(asNetwork(a), asNetwork(b)),
    comparing("network", false),
  ),
  declare(
    "net.CIDR.containsCIDR(string): bool",
    (a, b) => containsNetwork(asNetwork(a), readNetwork(asText(b))),
    comparing("network", true),
  ),
  declare("net.CIDR.ip(): net.IP", (a) => new IpValue(asNetwork(a).ip)),
  declare("net.CIDR.masked(): net.CIDR", (a) => {
    const { ip, prefix } = asNetwork(a);
    return new CidrValue({ ip: networkStart({ ip, prefix }), prefix });
  }),
  declare("net.CIDR.prefixLength(): int", (a) => BigInt(asNetwork(a).prefix)),
  declare("string(net.CIDR): string", (a) => formatNetwork(asNetwork(a))),
];

export const addresses: readonly Declaration[] = [...ips, ...cidrs];
