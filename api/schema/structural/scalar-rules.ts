import type { FieldError } from "../../machinery/field-error.ts";
import { bad } from "../../machinery/findings.ts";
import { RegularExpressionError } from "../../machinery/regular-expression.ts";
import { numberText, outOfRange, should, tooLongText, wrongType } from "./findings.ts";
import { hasFormat, isKnownFormat } from "./formats.ts";
import type { NumberRules, Structural, TextRules } from "./structural.ts";
import type { Walk } from "./validate.ts";

/** Answers how many checks were made in vain. */
export function checkText(value: string, { type, values }: Structural, path: string, walk: Walk): number {
  const { text, format } = values ?? {};
  if (text !== undefined) checkTextRules(value, text, path, walk);
  if (format === undefined || !isKnownFormat(type, format)) return 1;
  if (type !== "" && type !== "string") return 1;
  if (!hasFormat(value, format)) walk.findings.push(wrongType(path, format, value));
  return 2;
}

/** The first rule that is broken is told. */
function checkTextRules(value: string, { least = 0, most, pattern }: TextRules, path: string, walk: Walk): void {
  if (most !== undefined && isLonger(value, most)) walk.findings.push(tooLongText(path, most));
  else if (least > 0 && !isLonger(value, least - 1))
    walk.findings.push(should(path, value, `be at least ${least} chars long`));
  else if (pattern !== undefined) checkPattern(value, pattern, path, walk);
}

/** In code points, counted only where it matters. */
function isLonger(value: string, most: number): boolean {
  if (value.length <= most) return false;
  if (value.length > 2 * most) return true;
  let points = 0;
  for (const _ of value) points++;
  return points > most;
}

function checkPattern(value: string, pattern: string, path: string, walk: Walk): void {
  try {
    if (walk.patterns.compile(pattern).matches(value)) return;
    walk.findings.push(should(path, value, `match '${pattern}'`));
  } catch (thrown) {
    if (!(thrown instanceof RegularExpressionError)) throw thrown;
    walk.findings.push(should(path, value, `match '${pattern}, but pattern is invalid: ${thrown.message}'`));
  }
}

const ranges: Readonly<Record<string, readonly [low: bigint, high: bigint]>> = {
  int32: [-(2n ** 31n), 2n ** 31n - 1n],
  int64: [-(2n ** 63n), 2n ** 63n - 1n],
};

export function checkNumber(
  value: number | bigint,
  { type, values }: Structural,
  path: string,
  findings: FieldError[],
): void {
  const { number, format = "" } = values ?? {};
  const range: Range = { type, format: isKnownFormat(type, format) ? format : "", path, findings };
  fitsRange(value, "Checked value", range);
  if (number === undefined) return;
  checkMultiple(value, number, range);
  checkMaximum(value, number, range);
  checkMinimum(value, number, range);
}

interface Range {
  readonly type: string;
  /** Empty: none that has a meaning for the type. */
  readonly format: string;
  readonly path: string;
  readonly findings: FieldError[];
}

/** Values and limits of integers are integers. */
function fitsRange(value: number | bigint, what: string, { type, format, path, findings }: Range): boolean {
  if (type !== "integer") return true;
  const [low, high] = ranges[format] ?? ranges["int64"] ?? [0n, 0n];
  if (isWhole(value) && value >= low && value <= high) return true;
  findings.push(outOfRange(path, what, type, format));
  return false;
}

/** Of a whole number the limit is cut to a whole number too, as Go would, unless it does not fit the type. */
function limitFor(value: number | bigint, limit: number | bigint, what: string, range: Range): number | bigint {
  const fits = fitsRange(limit, what, range);
  return fits && isWhole(value) && typeof limit === "number" ? Math.trunc(limit) : limit;
}

function checkMultiple(value: number | bigint, { multipleOf }: NumberRules, range: Range): void {
  if (multipleOf === undefined) return;
  const { path, findings } = range;
  const factor = limitFor(value, multipleOf, "MultipleOf value", range);
  if (factor <= 0)
    findings.push(bad(path, factor, `factor MultipleOf declared for ${path} must be positive: ${numberText(factor)}`));
  else if (!isMultiple(value, factor)) findings.push(should(path, value, `be a multiple of ${numberText(factor)}`));
}

/** Fractions are divided in floating point, and what is nearly whole counts as whole. */
function isMultiple(value: number | bigint, factor: number | bigint): boolean {
  if (isWhole(value) && isWhole(factor)) return BigInt(value) % BigInt(factor) === 0n;
  const times = Number(factor) < 1 ? (1 / Number(factor)) * Number(value) : Number(value) / Number(factor);
  return Math.abs(times - Math.round(times)) <= 1e-9 * Math.max(1, Math.abs(times));
}

function isWhole(value: number | bigint): boolean {
  return typeof value === "bigint" || Number.isInteger(value);
}

function checkMaximum(value: number | bigint, { maximum, exclusiveMaximum = false }: NumberRules, range: Range): void {
  if (maximum === undefined) return;
  const limit = limitFor(value, maximum, "Maximum boundary value", range);
  if (value < limit || (!exclusiveMaximum && value <= limit)) return;
  const demand = exclusiveMaximum ? "be less than" : "be less than or equal to";
  range.findings.push(should(range.path, value, `${demand} ${numberText(limit)}`));
}

function checkMinimum(value: number | bigint, { minimum, exclusiveMinimum = false }: NumberRules, range: Range): void {
  if (minimum === undefined) return;
  const limit = limitFor(value, minimum, "Minimum boundary value", range);
  if (value > limit || (!exclusiveMinimum && value >= limit)) return;
  const demand = exclusiveMinimum ? "be greater than" : "be greater than or equal to";
  range.findings.push(should(range.path, value, `${demand} ${numberText(limit)}`));
}
