import {
  formatNetwork,
  type Ip,
  type Network,
  networkContains,
  networkStart,
  parseNetwork,
} from "../../api/machinery/ip.ts";

/** More shares than that one range is not divided into. */
const mostShares = 2 ** 24;

/** A range that cannot be divided as the options say. */
export class PodRangeError extends Error {
  override readonly name = "PodRangeError";
}

/**
 * A range that is given away in equal shares. A share may have several users (nodes that came with theirs) and is free
 * when the last one has released it. Shares are taken in turn, so that one that has just become free rests for long.
 */
export class RangePool {
  readonly range: Network;
  readonly #mask: number;
  readonly #shares: number;
  readonly #users = new Map<number, number>();
  #next = 0;

  /** Throws a PodRangeError. */
  constructor(range: string, mask: number) {
    const network = parseNetwork(range);
    if (network === undefined) throw new PodRangeError(`${range} is no range of addresses`);
    this.range = { ...network, ip: networkStart(network) };
    const bits = mask - network.prefix;
    if (bits < 0 || mask > width(network.ip) || 2 ** bits > mostShares)
      throw new PodRangeError(`${range} cannot be divided into ranges of /${mask}`);
    this.#mask = mask;
    this.#shares = 2 ** bits;
  }

  /** The next free share, which is used from now on; undefined where none is left. */
  take(): string | undefined {
    if (this.#users.size >= this.#shares) return undefined;
    while (this.#users.has(this.#next)) this.#next = (this.#next + 1) % this.#shares;
    const index = this.#next;
    this.#users.set(index, 1);
    this.#next = (index + 1) % this.#shares;
    return formatNetwork(this.#shareAt(index));
  }

  /** Somebody uses this range, or the part of it that is in the pool. */
  occupy(range: string): void {
    this.#each(range, (index) => this.#users.set(index, (this.#users.get(index) ?? 0) + 1));
  }

  /** One user less. */
  release(range: string): void {
    this.#each(range, (index) => {
      const left = (this.#users.get(index) ?? 0) - 1;
      if (left > 0) this.#users.set(index, left);
      else this.#users.delete(index);
    });
  }

  /** Every share that has an address of the range: none where it is elsewhere, or cannot be read. */
  #each(text: string, call: (index: number) => void): void {
    const range = parseNetwork(text);
    if (range === undefined) return;
    if (range.prefix <= this.range.prefix) {
      if (networkContains(range, this.range.ip)) for (let index = 0; index < this.#shares; index += 1) call(index);
      return;
    }
    if (!networkContains(this.range, range.ip)) return;
    const first = this.#indexOf(networkStart(range));
    const count = range.prefix >= this.#mask ? 1 : 2 ** (this.#mask - range.prefix);
    for (let index = first; index < first + count; index += 1) call(index);
  }

  #indexOf({ value }: Ip): number {
    return Number((value - this.range.ip.value) >> this.#hostBits());
  }

  #shareAt(index: number): Network {
    const { family, value } = this.range.ip;
    return { ip: { family, value: value + (BigInt(index) << this.#hostBits()) }, prefix: this.#mask };
  }

  #hostBits(): bigint {
    return BigInt(width(this.range.ip) - this.#mask);
  }
}

function width({ family }: Ip): number {
  return family === "IPv4" ? 32 : 128;
}
