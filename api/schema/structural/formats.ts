/**
 * The formats of texts that are checked; others say something to people only.
 * https://kubernetes.io/docs/reference/kubernetes-api/extend-resources/custom-resource-definition-v1/ (format)
 */
import { parseDuration } from "../../machinery/duration.ts";
import { parseIp, parseNetwork } from "../../machinery/ip.ts";
import { dnsSubdomain } from "../../machinery/names.ts";
import { parseTime } from "../../machinery/time.ts";
import { isEmail } from "./email-address.ts";

type Check = (text: string) => boolean;

const textFormats: ReadonlyMap<string, Check> = new Map<string, Check>([
  ["bsonobjectid", matches(/^[0-9a-fA-F]{24}$/)],
  ["uri", isRequestUri],
  ["email", isEmail],
  ["hostname", isHostname],
  ["ipv4", (text) => text.includes(".") && isIp(text)],
  ["ipv6", (text) => text.includes(":") && isIp(text)],
  ["cidr", (text) => parseNetwork(text) !== undefined && isIp(text.slice(0, text.indexOf("/")))],
  ["mac", isMac],
  ["uuid", matches(/^[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}$/i)],
  ["uuid3", matches(/^[0-9a-f]{8}-?[0-9a-f]{4}-?3[0-9a-f]{3}-?[0-9a-f]{4}-?[0-9a-f]{12}$/i)],
  ["uuid4", matches(/^[0-9a-f]{8}-?[0-9a-f]{4}-?4[0-9a-f]{3}-?[89ab][0-9a-f]{3}-?[0-9a-f]{12}$/i)],
  ["uuid5", matches(/^[0-9a-f]{8}-?[0-9a-f]{4}-?5[0-9a-f]{3}-?[89ab][0-9a-f]{3}-?[0-9a-f]{12}$/i)],
  ["isbn", (text) => isIsbn10(text) || isIsbn13(text)],
  ["isbn10", isIsbn10],
  ["isbn13", isIsbn13],
  ["creditcard", isCreditCard],
  ["ssn", matches(/^\d{3}[- ]?\d{2}[- ]?\d{4}$/)],
  ["hexcolor", matches(/^#?([0-9a-fA-F]{3}|[0-9a-fA-F]{6})$/)],
  ["rgbcolor", isRgbColor],
  ["byte", matches(/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=|[A-Za-z0-9+/]{4})$/)],
  ["password", () => true],
  ["date", isDate],
  ["duration", (text) => durationNanos(text) !== undefined],
  ["datetime", isDateTime],
  ["k8sshortname", matches(/^[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?$/)],
  ["k8slongname", (text) => dnsSubdomain(text).length === 0],
]);

/** Hyphens in names of formats do not count. */
function normalized(format: string): string {
  return format.replaceAll("-", "");
}

/** Whether a format of this name has a meaning for this type; the empty type is any. */
export function isKnownFormat(type: string, format: string): boolean {
  switch (type) {
    case "":
    case "string":
      return textFormats.has(normalized(format));
    case "integer":
      return format === "int32" || format === "int64";
    case "number":
      return format === "float" || format === "double";
    default:
      return false;
  }
}

export function hasFormat(text: string, format: string): boolean {
  return textFormats.get(normalized(format))?.(text) ?? true;
}

function matches(shape: RegExp): Check {
  return (text) => shape.test(text);
}

/** Go refuses leading zeros: to some they say that the number is octal. */
function isIp(text: string): boolean {
  const dotted = text.includes(".") ? text.slice(text.lastIndexOf(":") + 1).split(".") : [];
  return parseIp(text) !== undefined && !dotted.some((part) => /^0\d/.test(part));
}

/** Go's durations, and Scala's: `22 ns`, `3 days`. Undefined: neither. */
export function durationNanos(text: string): bigint | undefined {
  const go = parseDuration(text);
  if (go !== undefined) return go;
  if (text.length > 100 || !/^\s*(?:\d+\s*[A-Za-z\u00b5]+\s*)+$/.test(text)) return undefined;
  let nanos: bigint | undefined;
  for (const [, count = "", unit = ""] of text.matchAll(/(\d+)\s*([A-Za-z\u00b5]+)/g)) {
    const scale = scalaUnit(unit.toLowerCase());
    if (scale !== undefined) nanos = (nanos ?? 0n) + BigInt(count) * scale;
  }
  return nanos;
}

/** The last spelling of each may be continued: `minutes`, `weeks`. */
const scalaUnits: readonly (readonly [nanos: bigint, ...spellings: string[]])[] = [
  [1n, "ns", "nano"],
  [1_000n, "us", "\u00b5s", "micro"],
  [1_000_000n, "ms", "milli"],
  [1_000_000_000n, "s", "sec"],
  [60_000_000_000n, "m", "min"],
  [3_600_000_000_000n, "h", "hr", "hour"],
  [86_400_000_000_000n, "d", "day"],
  [604_800_000_000_000n, "w", "wk", "week"],
];

function scalaUnit(unit: string): bigint | undefined {
  return scalaUnits.find(
    ([, ...spellings]) => spellings.includes(unit) || unit.startsWith(spellings.at(-1) ?? unit),
  )?.[0];
}

/** An absolute URI or an absolute path, as the first line of an HTTP request has it. */
function isRequestUri(text: string): boolean {
  if (text === "" || /[\p{Cc} ]/u.test(text) || /%(?![0-9a-fA-F]{2})/.test(text)) return false;
  if (text.startsWith("/")) return true;
  const [, rest] = /^[A-Za-z][-+.A-Za-z0-9]*:(.*)$/s.exec(text) ?? [];
  if (rest === undefined) return false;
  return rest.startsWith("//") ? hasAuthority(rest.slice(2)) : true;
}

function hasAuthority(rest: string): boolean {
  const [authority = ""] = rest.split(/[/?#]/, 1);
  const host = authority.slice(authority.lastIndexOf("@") + 1);
  return /^(?:\[[0-9A-Fa-f:.%]+\]|[^\]:[<>"\\^`{|}]*)(?::\d*)?$/.test(host);
}

const letter = "[a-zA-Z0-9\\p{S}\\p{L}]";
const hostLabel = new RegExp(`^${letter}(?:(?:${letter}|-)*${letter})?$`, "u");
const lastLabel = new RegExp(`^${letter}(?:-?${letter}){1,62}$`, "u");
const onlyLabel = new RegExp(`^${letter}(?:-?${letter}{0,62})?$`, "u");

/** RFC 1034 and 1123, with symbols and letters of any alphabet. */
function isHostname(text: string): boolean {
  if (Buffer.byteLength(text) > 255) return false;
  const labels = text.split(".");
  if (!labels.every((label) => Buffer.byteLength(label) <= 63)) return false;
  const last = labels.at(-1) ?? "";
  if (labels.length === 1) return onlyLabel.test(last);
  return labels.slice(0, -1).every((label) => hostLabel.test(label)) && lastLabel.test(last);
}

/** EUI-48, EUI-64 and 20 bytes of InfiniBand; `-` or `:` between bytes, or `.` between pairs of them. */
function isMac(text: string): boolean {
  const bytes = /^[0-9a-fA-F]{2}(?:(?::[0-9a-fA-F]{2})+|(?:-[0-9a-fA-F]{2})+)$/.test(text);
  const pairs = /^[0-9a-fA-F]{4}(?:\.[0-9a-fA-F]{4})+$/.test(text);
  return (bytes || pairs) && [12, 16, 40].includes(text.replaceAll(/[-:.]/g, "").length);
}

function isIsbn10(text: string): boolean {
  const digits = text.replaceAll(/[\s-]+/g, "");
  if (!/^\d{9}[\dX]$/.test(digits)) return false;
  return (
    Array.from(digits).reduce((sum, digit, index) => sum + (index + 1) * (digit === "X" ? 10 : Number(digit)), 0) %
      11 ===
    0
  );
}

function isIsbn13(text: string): boolean {
  const digits = text.replaceAll(/[\s-]+/g, "");
  if (!/^\d{13}$/.test(digits)) return false;
  return (
    Array.from(digits).reduce((sum, digit, index) => sum + Number(digit) * (index % 2 === 0 ? 1 : 3), 0) % 10 === 0
  );
}

const cardNumber =
  /^(?:4[0-9]{12}(?:[0-9]{3})?|5[1-5][0-9]{14}|6(?:011|5[0-9][0-9])[0-9]{12}|3[47][0-9]{13}|3(?:0[0-5]|[68][0-9])[0-9]{11}|(?:2131|1800|35\d{3})\d{11})$/;

/** With Luhn's check digit. */
function isCreditCard(text: string): boolean {
  const digits = text.replaceAll(/[^0-9]+/g, "");
  if (!cardNumber.test(digits)) return false;
  let sum = 0;
  for (const [index, digit] of Array.from(digits).reverse().entries()) {
    const value = Number(digit) * (index % 2 === 0 ? 1 : 2);
    sum += value > 9 ? value - 9 : value;
  }
  return sum % 10 === 0;
}

function isRgbColor(text: string): boolean {
  const [, ...parts] =
    /^rgb\(\s*(0|[1-9]\d?|1\d\d|2\d\d)\s*,\s*(0|[1-9]\d?|1\d\d|2\d\d)\s*,\s*(0|[1-9]\d?|1\d\d|2\d\d)\s*\)$/.exec(
      text,
    ) ?? [];
  return parts.length === 3 && parts.every((part) => Number(part) <= 255);
}

function isDate(text: string): boolean {
  return /^\d{4}-\d{2}-\d{2}$/.test(text) && parseTime(`${text}T00:00:00Z`) !== undefined;
}

/** RFC 3339; `t` and `z` may be small, fractions have as many digits as one likes. */
function isDateTime(text: string): boolean {
  return parseTime(dateTimeText(text)) !== undefined;
}

/** In the spelling of RFC 3339 that everything reads. */
export function dateTimeText(text: string): string {
  return /^\d{4}-\d{2}-\d{2}[tT]/.test(text) ? text.replace(/t/, "T").replace(/z$/, "Z") : text;
}
