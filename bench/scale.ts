/** `BENCH_SCALE=0.1 npm run bench …` for a first look: a tenth of the objects and rounds. Figures for README.md have none. */
const scale = Number(process.env["BENCH_SCALE"] ?? "1");

/** As many as the scale leaves of them, but at least `atLeast`. */
export function scaled(amount: number, atLeast = 1): number {
  return Math.max(atLeast, Math.round(amount * scale));
}
