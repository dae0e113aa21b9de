import { formatIp, networkStart, parseIp, parseNetwork, type IpFamily } from "../../../api/machinery/ip.ts";
import { RuntimeError } from "../runtime.ts";

/** A network's addresses, but its first (the network), its second (the gateway) and for IPv4 its last (broadcast). */
interface Range {
  readonly family: IpFamily;
  readonly first: bigint;
  readonly last: bigint;
  /** Where to look next: addresses are used again as late as can be. */
  next: bigint;
}

/** Past this many an IPv6 network counts as no larger. */
const largest = 1n << 20n;

/** Hands out the addresses of a node's networks: never one to two pods at once. */
export class PodAddresses {
  #ranges: readonly Range[] = [];
  readonly #taken = new Set<string>();

  /** One address of each network goes to each pod. What is handed out stays so. */
  setRanges(ranges: readonly string[]): void {
    this.#ranges = ranges.flatMap((text) => {
      const network = parseNetwork(text);
      if (network === undefined) return [];
      const { family, value } = networkStart(network);
      const width = family === "IPv4" ? 32 : 128;
      const size = 1n << BigInt(width - network.prefix);
      const bounded = size > largest ? largest : size;
      const last = value + bounded - (family === "IPv4" ? 2n : 1n);
      return [{ family, first: value + 2n, last, next: value + 2n }];
    });
  }

  take(): readonly string[] {
    const ips: string[] = [];
    for (const range of this.#ranges) {
      const ip = this.#free(range);
      if (ip === undefined) {
        this.give(ips);
        throw new RuntimeError("failed to allocate for range 0: no IP addresses available in range set");
      }
      this.#taken.add(ip);
      ips.push(ip);
    }
    return ips;
  }

  /** Of a pod that was there before. */
  keep(ips: readonly string[]): void {
    for (const ip of ips) if (parseIp(ip) !== undefined) this.#taken.add(ip);
  }

  give(ips: readonly string[]): void {
    for (const ip of ips) this.#taken.delete(ip);
  }

  #free(range: Range): string | undefined {
    const size = range.last - range.first + 1n;
    for (let tried = 0n; tried < size; tried++) {
      const value = range.next;
      range.next = value >= range.last ? range.first : value + 1n;
      const ip = formatIp({ family: range.family, value });
      if (!this.#taken.has(ip)) return ip;
    }
    return undefined;
  }
}
