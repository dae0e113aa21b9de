import { isIP } from "node:net";
import { InvalidArgumentError } from "commander";
import { parseDuration } from "../api/machinery/duration.ts";
import { formatNetwork, networkStart, parseNetwork, type Network } from "../api/machinery/ip.ts";
import { readBoolean } from "../cluster/assignments.ts";

/** How the texts of flags are read. What does not fit is told with the flag's name, by commander. */

export interface PortRange {
  readonly first: number;
  readonly last: number;
}

export function port(text: string): number {
  return within(text, 0, 65_535, "a port is a number from 0 (any free one) to 65535");
}

export function verbosity(text: string): number {
  return within(text, 0, 10, "a level is a number from 0 to 10");
}

/** How many requests; 0 has a meaning of its own. */
export function count(text: string): number {
  return within(text, 0, 999_999_999, "it must be a whole number from 0 on");
}

/** More do not fit into one process. */
export function nodeCount(text: string): number {
  return within(text, 0, 10_000, "it must be a whole number from 0 to 10000");
}

/** Names, comma-separated. */
export function list(text: string): readonly string[] {
  return text.split(",").map((word) => word.trim());
}

/** As pods have them: zero and less is at once. */
export function tolerationSeconds(text: string): number {
  if (!/^-?\d{1,15}$/.test(text)) throw new InvalidArgumentError("it must be a whole number of seconds, such as 300.");
  return Number(text);
}

const second = 1_000_000_000n;

/** Go's form, `1m30s`; gives milliseconds. In less than a second, the server's own requests would fail, too. */
export function timeout(text: string): number {
  const nanos = parseDuration(text);
  if (nanos === undefined || nanos < second)
    throw new InvalidArgumentError("it must be a duration from 1s on, such as 60s or 1m30s.");
  return Number(nanos) / 1_000_000;
}

/** Go's form, `30s`; gives milliseconds. */
export function duration(text: string): number {
  const nanos = parseDuration(text);
  if (nanos === undefined || nanos < 0n) throw new InvalidArgumentError("it must be a duration, such as 30s or 1m30s.");
  return Number(nanos) / 1_000_000;
}

/** How often in a second. */
export function rate(text: string): number {
  if (!/^\d{1,9}(?:\.\d{1,9})?$/.test(text)) throw new InvalidArgumentError("it must be a number, such as 10 or 0.5.");
  return Number(text);
}

/** Upstream's spellings. */
export function boolean(text: string): boolean {
  const value = readBoolean(text);
  if (value === undefined) throw new InvalidArgumentError("it must be true or false.");
  return value;
}

function within(text: string, least: number, most: number, otherwise: string): number {
  const value = /^\d{1,9}$/.test(text) ? Number(text) : -1;
  if (value < least || value > most) throw new InvalidArgumentError(`${otherwise}.`);
  return value;
}

export function address(text: string): string {
  if (isIP(text) === 0) throw new InvalidArgumentError("it must be an IP address, such as 192.168.1.10.");
  return text;
}

/** `30000-32767`, or upstream's `30000+2767`. */
export function portRange(text: string): PortRange {
  const [, from, sign, to] = /^(\d{1,5})([-+])(\d{1,5})$/.exec(text) ?? [];
  const first = Number(from);
  const last = sign === "+" ? first + Number(to) : Number(to);
  if (!(first >= 1 && first <= last && last <= 65_535))
    throw new InvalidArgumentError("it must be first-last within 1-65535, such as 30000-32767.");
  return { first, last };
}

/** One range, or one of each family; the first is the cluster's own family. */
export function serviceRanges(text: string): readonly string[] {
  const ranges = text.split(",").map((part) => serviceRange(part.trim()));
  const families = new Set(ranges.map(({ ip }) => ip.family));
  if (ranges.length > 2 || families.size < ranges.length)
    throw new InvalidArgumentError("give one range, or one IPv4 and one IPv6 range.");
  return ranges.map(formatNetwork);
}

function serviceRange(text: string): Network {
  const network = parseNetwork(text);
  if (network === undefined) throw new InvalidArgumentError(`"${text}" is not a range such as 10.96.0.0/16.`);
  const { ip, prefix } = network;
  const start = networkStart(network);
  if (start.value !== ip.value)
    throw new InvalidArgumentError(
      `"${text}" is an address within ${formatNetwork({ ip: start, prefix })}; give that.`,
    );
  // The `kubernetes` Service takes one, and upstream wants at least eight.
  const free = (ip.family === "IPv4" ? 32 : 128) - prefix;
  if (free < 3) throw new InvalidArgumentError(`"${text}" is too small; services need at least 8 addresses.`);
  return network;
}

/** For flags that may be given several times, or once with commas. */
export function gathered(text: string, before: readonly string[] = []): readonly string[] {
  return [
    ...before,
    ...text
      .split(",")
      .map((part) => part.trim())
      .filter((part) => part !== ""),
  ];
}
