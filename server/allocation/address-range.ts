import { formatIp, networkStart, parseNetwork, type Ip, type IpFamily } from "../../api/machinery/ip.ts";
import type { Random } from "../../base/random.ts";

/** The addresses of one CIDR that services may have; all bounds are inclusive. */
export interface AddressRange {
  readonly cidr: string;
  readonly family: IpFamily;
  /** After the network's own address. */
  readonly first: bigint;
  /** Below it is the band that people choose addresses from (KEP-3070). */
  readonly firstDynamic: bigint;
  /** Before the broadcast address, which only IPv4 has. */
  readonly last: bigint;
}

const longestIpv6 = 64;
const band = { least: 16n, most: 256n, share: 16n };
const widestDraw = 2n ** 48n - 1n;

/** Undefined for text that is no CIDR, and for an IPv6 one wider than upstream allows. */
export function addressRange(cidr: string): AddressRange | undefined {
  const network = parseNetwork(cidr);
  if (network === undefined) return undefined;
  const { family, value } = networkStart(network);
  if (family === "IPv6" && network.prefix < longestIpv6) return undefined;
  const size = 1n << BigInt((family === "IPv4" ? 32 : 128) - network.prefix);
  return {
    cidr,
    family,
    first: value + 1n,
    firstDynamic: value + 1n + staticBand(size),
    last: value + size - (family === "IPv4" ? 2n : 1n),
  };
}

/** A sixteenth of the range, within bounds; small ranges have no band. */
function staticBand(size: bigint): bigint {
  if (size <= band.least) return 0n;
  const share = size / band.share;
  if (share < band.least) return band.least;
  return share > band.most ? band.most : share;
}

export function holds(range: AddressRange, { family, value }: Ip): boolean {
  return range.family === family && value >= range.first && value <= range.last;
}

/** Every address once: the dynamic band from a random place on, then the static one. */
export function* candidates(range: AddressRange, random: Random): Generator<string> {
  const { family, first, firstDynamic, last } = range;
  for (const [low, high] of [
    [firstDynamic, last],
    [first, firstDynamic - 1n],
  ] as const) {
    const size = high - low + 1n;
    if (size <= 0n) continue;
    const start = BigInt(random.integer(Number(size < widestDraw ? size : widestDraw)));
    for (let step = 0n; step < size; step += 1n) yield formatIp({ family, value: low + ((start + step) % size) });
  }
}
