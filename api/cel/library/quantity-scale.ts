/**
 * Whether a quantity is an integer depends on how it was written: `1k` is one, `1000m` and `1.0` are none. Upstream keeps
 * short numbers as an int64 and a power of ten; the others, and all that meet them, are no integers to it.
 */
const shape = /^[+-]?0*([0-9]*)(?:\.([0-9]*))?([a-zA-Z]*)([-+]?[0-9]*)$/;
const decimalSuffixes = ["n", "u", "m", "", "k", "M", "G", "T", "P", "E"];
const binarySuffixes = ["Ki", "Mi", "Gi", "Ti", "Pi", "Ei"];
const mostDigits = 18;

/** The power of ten; undefined for a number that is kept otherwise. The text is a quantity. */
export function quantityScale(text: string): number | undefined {
  const [, whole = "", fraction = "", suffix = "", exponent = ""] = shape.exec(text) ?? [];
  const binary = binarySuffixes.indexOf(suffix);
  if (binary >= 0) {
    const bits = 10 * (binary + 1);
    const short = fraction === "" && 14 - whole.length - Math.trunc((bits * 3) / 10) >= 0;
    return short ? 0 : undefined;
  }
  const power = exponent === "" ? 3 * decimalSuffixes.indexOf(suffix) - 9 : Number(exponent);
  const scale = power - fraction.length;
  return whole.length + fraction.length <= mostDigits && scale >= -9 ? scale : undefined;
}
