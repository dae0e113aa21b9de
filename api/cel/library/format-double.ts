/** Go's shortest text of a double: numbers of more than six digits before the point have an exponent. */
export function formatDouble(value: number): string {
  if (Number.isNaN(value)) return "NaN";
  if (!Number.isFinite(value)) return value > 0 ? "+Inf" : "-Inf";
  if (Object.is(value, -0)) return "-0";
  if (value === 0) return "0";
  const [digits = "", written = "0"] = value.toExponential().split("e");
  const exponent = Number(written);
  if (exponent < -4 || exponent > 5)
    return `${digits}e${exponent < 0 ? "-" : "+"}${String(Math.abs(exponent)).padStart(2, "0")}`;
  return String(value);
}
