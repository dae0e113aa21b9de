/** Doubles as American English writes them: with commas, a multiplication sign and small digits. */
function special(value: number): string | undefined {
  if (Number.isNaN(value)) return "NaN";
  if (Number.isFinite(value)) return undefined;
  return value > 0 ? "\u221e" : "-\u221e";
}

/** `1,234.50`: rounded half to even, as the double's exact value asks. */
export function fixedText(value: number, places: number, commas: boolean): string {
  const word = special(value);
  if (word !== undefined) return word;
  const digits = roundedDigits(Math.abs(value), places)
    .toString()
    .padStart(places + 1, "0");
  const whole = digits.slice(0, digits.length - places);
  const grouped = commas ? whole.replaceAll(/\B(?=(?:[0-9]{3})+$)/g, ",") : whole;
  const sign = value < 0 || Object.is(value, -0) ? "-" : "";
  return places === 0 ? `${sign}${grouped}` : `${sign}${grouped}.${digits.slice(-places)}`;
}

/** value * 10^places, as a whole number. */
function roundedDigits(value: number, places: number): bigint {
  const [mantissa, exponent] = binaryParts(value);
  const scaled = mantissa * 10n ** BigInt(places);
  if (exponent >= 0) return scaled << BigInt(exponent);
  const divisor = 1n << BigInt(-exponent);
  const [quotient, rest] = [scaled / divisor, scaled % divisor];
  const up = 2n * rest > divisor || (2n * rest === divisor && quotient % 2n === 1n);
  return up ? quotient + 1n : quotient;
}

/** mantissa * 2^exponent is the value. */
function binaryParts(value: number): readonly [mantissa: bigint, exponent: number] {
  const bits = new DataView(new ArrayBuffer(8));
  bits.setFloat64(0, value);
  const raw = bits.getBigUint64(0);
  const fraction = raw & 0xf_ffff_ffff_ffffn;
  const exponent = Number((raw >> 52n) & 0x7ffn);
  return exponent === 0 ? [fraction, -1074] : [fraction | (1n << 52n), exponent - 1075];
}

const smallDigits = "\u2070\u00b9\u00b2\u00b3\u2074\u2075\u2076\u2077\u2078\u2079";

/** `1.234568×10⁰⁴`: with six places, whatever precision is asked for. */
export function scientificText(value: number): string {
  const word = special(value);
  if (word !== undefined) return word;
  const [mantissa = "", exponent = "0"] = value.toExponential(6).split("e");
  const digits = String(Math.abs(Number(exponent))).padStart(2, "0");
  const small = digits.replaceAll(/[0-9]/g, (digit) => smallDigits.charAt(Number(digit)));
  const sign = Object.is(value, -0) ? "-" : "";
  return `${sign}${mantissa}\u00d710${exponent.startsWith("-") ? "\u207b" : ""}${small}`;
}
