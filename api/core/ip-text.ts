/** Text of IP addresses, without node's net module: rules of the API are pure. */
const mustBeIp = "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)";
const mustBeCidr = "must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)";

export type IpFamily = "IPv4" | "IPv6";

/** Undefined when the text is no address. */
export function ipFamily(text: string): IpFamily | undefined {
  if (isIpv4(text)) return "IPv4";
  return isIpv6(text) ? "IPv6" : undefined;
}

export function ipProblems(text: string): readonly string[] {
  return ipFamily(text) === undefined ? [mustBeIp] : [];
}

/** Undefined when the text is no `address/bits`. */
export function cidrFamily(text: string): IpFamily | undefined {
  const [address, bits, ...rest] = text.split("/");
  if (address === undefined || bits === undefined || rest.length > 0 || !/^(0|[1-9][0-9]{0,2})$/.test(bits))
    return undefined;
  const family = ipFamily(address);
  return family !== undefined && Number(bits) <= (family === "IPv4" ? 32 : 128) ? family : undefined;
}

export function cidrProblems(text: string): readonly string[] {
  return cidrFamily(text) === undefined ? [mustBeCidr] : [];
}

function isIpv4(text: string): boolean {
  const parts = text.split(".");
  return parts.length === 4 && parts.every((part) => /^(0|[1-9][0-9]{0,2})$/.test(part) && Number(part) <= 255);
}

/** RFC 4291: eight groups, one run of which may be `::`; the last two may be written as IPv4. */
function isIpv6(text: string): boolean {
  const halves = text.split("::");
  if (halves.length > 2) return false;
  const groups = halves.map((half) => (half === "" ? [] : half.split(":")));
  const flat = groups.flat();
  const last = flat.at(-1);
  const endsInIpv4 = last !== undefined && last.includes(".");
  const hex = endsInIpv4 ? flat.slice(0, -1) : flat;
  if (endsInIpv4 && !(isIpv4(last) && text.endsWith(last))) return false;
  if (!hex.every((group) => /^[0-9a-fA-F]{1,4}$/.test(group))) return false;
  const count = hex.length + (endsInIpv4 ? 2 : 0);
  return halves.length === 2 ? count < 8 : count === 8;
}
