/**
 * resource.Quantity: an exact fixed-point number that remembers how it was written.
 * https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/
 *
 * Nothing is finer than 10^-9, so a bigint count of nanos holds every value exactly.
 */
export type QuantityFormat = "DecimalSI" | "BinarySI" | "DecimalExponent";

export interface Quantity {
  /** The value times 10^9. */
  readonly nano: bigint;
  readonly format: QuantityFormat;
}

/** Thrown for text that is no quantity; the message is upstream's. */
export class QuantityError extends Error {
  override readonly name = "QuantityError";
}

const one = 10n ** 9n;
const maxInt64 = 2n ** 63n - 1n;
/** Bounds what a short text can make of memory: upstream has no such bound, and no use for such numbers. */
const longestText = 1000;
const largestExponent = 1000;
const decimalSuffixes = ["n", "u", "m", "", "k", "M", "G", "T", "P", "E"];
const binarySuffixes = ["", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"];

interface Suffix {
  readonly format: QuantityFormat;
  /** Of ten, or of two for BinarySI. */
  readonly exponent: number;
}

const suffixes: ReadonlyMap<string, Suffix> = new Map([
  ...decimalSuffixes.map((text, index): [string, Suffix] => [text, { format: "DecimalSI", exponent: 3 * index - 9 }]),
  ...binarySuffixes
    .slice(1)
    .map((text, index): [string, Suffix] => [text, { format: "BinarySI", exponent: 10 * (index + 1) }]),
]);

const shape = /^([+-]?)0*([0-9]*)(?:\.([0-9]*))?([eEinumkKMGTP]*[-+]?[0-9]*)$/;
const wrongShape = "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";
const wrongSuffix = "unable to parse quantity's suffix";
const wrongNumber = "unable to parse numeric part of quantity";

interface Parts {
  readonly negative: boolean;
  /** Without leading zeros. */
  readonly whole: string;
  readonly fraction: string;
  readonly suffix: Suffix;
}

/** A text without digits, such as `.` or `Ki`, is zero: upstream takes it. */
function split(text: string): Parts {
  const match = text.length > 0 && text.length <= longestText ? shape.exec(text) : null;
  if (match === null) throw new QuantityError(wrongShape);
  const [, sign, whole = "", fraction = "", suffix = ""] = match;
  return { negative: sign === "-", whole, fraction, suffix: suffixes.get(suffix) ?? exponentSuffix(suffix) };
}

function exponentSuffix(text: string): Suffix {
  const digits = /^[eE]([-+]?[0-9]+)$/.exec(text)?.[1];
  if (digits === undefined) throw new QuantityError(wrongSuffix);
  const exponent = Number(digits);
  if (exponent > largestExponent) throw new QuantityError(wrongNumber);
  // Further down everything rounds up to one nano.
  return { format: "DecimalExponent", exponent: Math.max(exponent, -2 * longestText) };
}

export function parseQuantity(text: string): Quantity {
  return valueOf(split(text));
}

function valueOf({ negative, whole, fraction, suffix }: Parts): Quantity {
  const binary = suffix.format === "BinarySI";
  const exact = scaleUp(BigInt(whole + fraction), suffix, fraction.length);
  const nano = binary && exact > maxInt64 * one ? maxInt64 * one : exact;
  // A fraction of one unit is no binary number.
  const format = binary && nano > 0n && nano < one ? "DecimalSI" : suffix.format;
  return { nano: negative ? -nano : nano, format };
}

/** digits / 10^places * suffix, in nanos; what is finer is rounded up, away from zero. */
function scaleUp(digits: bigint, suffix: Suffix, places: number): bigint {
  const binary = suffix.format === "BinarySI";
  const mantissa = binary ? digits << BigInt(suffix.exponent) : digits;
  const exponent = 9 - places + (binary ? 0 : suffix.exponent);
  return exponent >= 0 ? mantissa * tenTo(exponent) : divideUp(mantissa, tenTo(-exponent));
}

/** Those of the suffixes; to compute one costs more than the rest of a quantity. */
const powersOfTen: readonly bigint[] = Array.from({ length: 28 }, (_, exponent) => 10n ** BigInt(exponent));

function tenTo(exponent: number): bigint {
  return powersOfTen[exponent] ?? 10n ** BigInt(exponent);
}

/** Rounds away from zero. */
function divideUp(value: bigint, by: bigint): bigint {
  const quotient = value / by;
  if (value % by === 0n) return quotient;
  return value < 0n ? quotient - 1n : quotient + 1n;
}

/** The largest suffix without loss and without a fraction: `1.5` → `1500m`, `1.5Gi` → `1536Mi`. */
export function formatQuantity({ nano, format }: Quantity): string {
  if (nano === 0n) return "0";
  // Binary suffixes only where they are exact and worth it.
  if (format === "BinarySI" && nano % one === 0n && (nano >= 1024n * one || nano <= -1024n * one))
    return formatBinary(nano / one);
  let mantissa = nano;
  let exponent = -9;
  // DecimalSI ends with E; a larger number keeps its zeros.
  while (mantissa % 1000n === 0n && (format === "DecimalExponent" || exponent < 18)) {
    mantissa /= 1000n;
    exponent += 3;
  }
  if (format !== "DecimalExponent") return `${mantissa}${decimalSuffixes[(exponent + 9) / 3]}`;
  return exponent === 0 ? `${mantissa}` : `${mantissa}e${exponent}`;
}

function formatBinary(value: bigint): string {
  let mantissa = value;
  let power = 0;
  while (power < binarySuffixes.length - 1 && mantissa % 1024n === 0n) {
    mantissa /= 1024n;
    power++;
  }
  return `${mantissa}${binarySuffixes[power]}`;
}

/** Most quantities: short whole numbers with a suffix stay as they are. */
const plainlyCanonical = /^(?:0|[1-9][0-9]{0,2}(?:[numkMGTPE]|[KMGTP]i)?)$/;

/** The text as the API answers it. As in JSON, space around it does not count. */
export function canonicalQuantity(text: string): string {
  if (plainlyCanonical.test(text)) return text;
  const trimmed = text.trim();
  const parts = split(trimmed);
  return keepsItsText(parts) ? trimmed : formatQuantity(valueOf(parts));
}

/**
 * Upstream answers a quantity in the very text it came in where that seems canonical at a glance,
 * although the glance is generous: `1.125` and `+1` are kept.
 */
function keepsItsText({ whole, fraction, suffix }: Parts): boolean {
  const digits = whole === "" ? 1 : whole.length;
  if (suffix.format === "BinarySI") {
    const short = fraction === "" && digits + Math.trunc(suffix.exponent * 0.3) <= 14;
    return short && Number(whole) % 8 !== 0;
  }
  const exponent = suffix.exponent - fraction.length;
  const glance = whole !== "" && digits + fraction.length <= 18 && exponent >= -9 && exponent % 3 === 0;
  return glance && !(whole + fraction).endsWith("000");
}

export function isQuantity(text: string): boolean {
  return tryQuantity(text) !== undefined;
}

/** Undefined for text that is none. */
export function tryQuantity(text: string): Quantity | undefined {
  try {
    return parseQuantity(text);
  } catch (thrown) {
    if (thrown instanceof QuantityError) return undefined;
    throw thrown;
  }
}

/** Negative, zero or positive, for sorting. */
export function compareQuantities(a: Quantity, b: Quantity): -1 | 0 | 1 {
  return a.nano < b.nano ? -1 : a.nano > b.nano ? 1 : 0;
}

export const zeroQuantity: Quantity = { nano: 0n, format: "DecimalSI" };

/** The sum is written like `a`, unless that is zero. */
export function addQuantities(a: Quantity, b: Quantity): Quantity {
  return { nano: a.nano + b.nano, format: a.nano === 0n ? b.format : a.format };
}

export function subtractQuantities(a: Quantity, b: Quantity): Quantity {
  return { nano: a.nano - b.nano, format: a.nano === 0n ? b.format : a.format };
}

/** Upstream's Value(): units, rounded away from zero. */
export function roundUp({ nano }: Quantity): bigint {
  return divideUp(nano, one);
}

/** Upstream's MilliValue(): `1.5` → 1500. */
export function roundUpMilli({ nano }: Quantity): bigint {
  return divideUp(nano, one / 1000n);
}

export function quantityOf(units: bigint | number, format: QuantityFormat = "DecimalSI"): Quantity {
  return { nano: BigInt(units) * one, format };
}

export function quantityOfMilli(millis: bigint | number, format: QuantityFormat = "DecimalSI"): Quantity {
  return { nano: BigInt(millis) * (one / 1000n), format };
}
