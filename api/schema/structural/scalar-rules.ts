import type { FieldError } from "../../machinery/field-error.ts";
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
  if (type === "integer") checkRange(value, format, path, findings);
  if (number === undefined) return;
  checkMultiple(value, number, path, findings);
  checkMaximum(value, number, path, findings);
  checkMinimum(value, number, path, findings);
}

function checkRange(value: number | bigint, format: string, path: string, findings: FieldError[]): void {
  const [low, high] = ranges[format] ?? ranges["int64"] ?? [0n, 0n];
  if (value < low || value > high)
    findings.push(outOfRange(path, "integer", isKnownFormat("integer", format) ? format : ""));
}

function checkMultiple(
  value: number | bigint,
  { multipleOf }: NumberRules,
  path: string,
  findings: FieldError[],
): void {
  if (multipleOf === undefined || isMultiple(value, multipleOf)) return;
  findings.push(should(path, value, `be a multiple of ${numberText(multipleOf)}`));
}

/** Fractions are divided in floating point, and what is nearly whole counts as whole. */
function isMultiple(value: number | bigint, factor: number | bigint): boolean {
  if (Number(factor) <= 0) return false;
  if (isWhole(value) && isWhole(factor)) return BigInt(value) % BigInt(factor) === 0n;
  const times = Number(factor) < 1 ? (1 / Number(factor)) * Number(value) : Number(value) / Number(factor);
  return Math.abs(times - Math.round(times)) <= 1e-9 * Math.max(1, Math.abs(times));
}

function isWhole(value: number | bigint): boolean {
  return typeof value === "bigint" || Number.isInteger(value);
}

function checkMaximum(
  value: number | bigint,
  { maximum, exclusiveMaximum = false }: NumberRules,
  path: string,
  findings: FieldError[],
): void {
  if (maximum === undefined || value < maximum || (!exclusiveMaximum && value <= maximum)) return;
  const demand = exclusiveMaximum ? "be less than" : "be less than or equal to";
  findings.push(should(path, value, `${demand} ${numberText(maximum)}`));
}

function checkMinimum(
  value: number | bigint,
  { minimum, exclusiveMinimum = false }: NumberRules,
  path: string,
  findings: FieldError[],
): void {
  if (minimum === undefined || value > minimum || (!exclusiveMinimum && value >= minimum)) return;
  const demand = exclusiveMinimum ? "be greater than" : "be greater than or equal to";
  findings.push(should(path, value, `${demand} ${numberText(minimum)}`));
}
