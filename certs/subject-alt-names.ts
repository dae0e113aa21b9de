import type { X509Certificate } from "node:crypto";
import { isIP, isIPv4 } from "node:net";

/** DNS names and IP addresses, each once, in a stable order. */
export type SubjectAltNames = readonly string[];

const dnsName = /^(\*\.)?[a-z0-9_]([a-z0-9_-]{0,62})?(\.[a-z0-9_]([a-z0-9_-]{0,62})?)*$/;

/** A name that a certificate can carry, lower-cased; undefined for what is neither a DNS name nor an IP address. */
export function altName(text: string): string | undefined {
  const name = text.toLowerCase();
  if (isIP(name) !== 0) return name.includes("%") ? undefined : canonicalAddress(name);
  return name.length <= 253 && dnsName.test(name) ? name : undefined;
}

/** Network byte order: 4 or 16 bytes. */
export function addressBytes(address: string): Buffer {
  if (isIPv4(address)) return Buffer.from(address.split(".").map(Number));
  const [head = "", tail] = canonicalAddress(address).split("::");
  const before = groups(head);
  const after = tail === undefined ? [] : groups(tail);
  const zeros = Array.from({ length: 8 - before.length - after.length }, () => 0);
  const bytes = Buffer.alloc(16);
  [...before, ...zeros, ...after].forEach((group, index) => bytes.writeUInt16BE(group, index * 2));
  return bytes;
}

/** Whether the certificate carries exactly these names. */
export function hasAltNames(certificate: X509Certificate, names: SubjectAltNames): boolean {
  const shown = (certificate.subjectAltName ?? "").split(", ").filter((entry) => entry !== "");
  const carried = new Set(shown.map((entry) => entry.toLowerCase()));
  const wanted = new Set(names.map((name) => shownAs(name).toLowerCase()));
  return carried.size === wanted.size && [...wanted].every((entry) => carried.has(entry));
}

/** One of the names as OpenSSL prints it: IPv6 addresses in eight full groups. */
function shownAs(name: string): string {
  if (isIP(name) === 0) return `DNS:${name}`;
  if (isIPv4(name)) return `IP Address:${name}`;
  const bytes = addressBytes(name);
  return `IP Address:${Array.from({ length: 8 }, (_, group) => bytes.readUInt16BE(group * 2).toString(16)).join(":")}`;
}

/** The URL parser writes IPv6 addresses in the form of RFC 5952, embedded IPv4 ones included. */
function canonicalAddress(address: string): string {
  return isIPv4(address) ? address : new URL(`http://[${address}]/`).hostname.slice(1, -1);
}

const groups = (text: string): number[] => (text === "" ? [] : text.split(":").map((group) => parseInt(group, 16)));
