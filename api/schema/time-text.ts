/** Texts of times and durations as Go reads and prints them; what it cannot read throws a `MismatchError` in its words. */
import { formatDuration, parseDuration } from "../machinery/duration.ts";
import { canonicalMicroTime, canonicalTime } from "../machinery/time.ts";
import { MismatchError } from "./mismatch.ts";

interface Element {
  readonly shape: RegExp;
  readonly layout: string;
  readonly range?: readonly [low: number, high: number, name: string];
}

const twoDigits = /^\d\d/;
const upToSeconds: readonly Element[] = [
  { shape: /^\d{4}/, layout: "2006" },
  { shape: /^-/, layout: "-" },
  { shape: twoDigits, layout: "01", range: [1, 12, "month"] },
  { shape: /^-/, layout: "-" },
  { shape: twoDigits, layout: "02" },
  { shape: /^T/, layout: "T" },
  { shape: /^\d\d?/, layout: "15", range: [0, 23, "hour"] },
  { shape: /^:/, layout: ":" },
  { shape: twoDigits, layout: "04", range: [0, 59, "minute"] },
  { shape: /^:/, layout: ":" },
  { shape: twoDigits, layout: "05", range: [0, 59, "second"] },
];
const zone: Element = { shape: /^(?:Z|[+-]\d\d:\d\d)/, layout: "Z07:00" };
/** A fraction is read even where the layout has none. */
const anyFraction: Element = { shape: /^(?:[.,]\d+)?/, layout: "" };
const sixDigits: Element = { shape: /^[.,]\d{6}/, layout: ".000000" };

const secondsLayout = { text: "2006-01-02T15:04:05Z07:00", elements: [...upToSeconds, anyFraction, zone] };
const microLayout = { text: "2006-01-02T15:04:05.000000Z07:00", elements: [...upToSeconds, sixDigits, zone] };
const hasSixDigits = /[.,]\d{6}(?:Z|[+-]\d\d:\d\d)$/;

/** Go's zero time prints as null. */
const zeroTime = /^0001-01-01T00:00:00(?:\.0+)?Z$/;

/** metav1.Time: whole seconds, UTC. */
export function conformTime(text: string): string | null {
  const canonical = canonicalTime(text);
  if (canonical === undefined) throw timeFault(text, secondsLayout);
  return zeroTime.test(canonical) ? null : canonical;
}

/** metav1.MicroTime: six digits, UTC. */
export function conformMicroTime(text: string): string | null {
  const canonical = hasSixDigits.test(text) ? canonicalMicroTime(text) : undefined;
  if (canonical === undefined) throw timeFault(text, microLayout);
  return zeroTime.test(canonical) ? null : canonical;
}

function timeFault(
  text: string,
  layout: { readonly text: string; readonly elements: readonly Element[] },
): MismatchError {
  const fault = (why: string): MismatchError => new MismatchError({ said: `parsing time ${quote(text)}${why}` });
  let rest = text;
  for (const { shape, layout: element, range } of layout.elements) {
    const part = shape.exec(rest)?.[0];
    if (part === undefined) return fault(` as ${quote(layout.text)}: cannot parse ${quote(rest)} as ${quote(element)}`);
    if (range !== undefined && (Number(part) < range[0] || Number(part) > range[1]))
      return fault(`: ${range[2]} out of range`);
    rest = rest.slice(part.length);
  }
  return fault(rest === "" ? ": day out of range" : `: extra text: ${quote(rest)}`);
}

/** metav1.Duration: `90m` → `1h30m0s`. */
export function conformDuration(text: string): string {
  const nanos = parseDuration(text);
  if (nanos !== undefined) return formatDuration(nanos);
  const isUnitMissing = /^[-+]?[\d.]*\d[\d.]*$/.test(text);
  throw new MismatchError({ said: `time: ${isUnitMissing ? "missing unit in" : "invalid"} duration ${quote(text)}` });
}

function quote(text: string): string {
  return JSON.stringify(text);
}
