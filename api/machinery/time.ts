/**
 * metav1.Time and metav1.MicroTime: RFC 3339 texts in UTC, with seconds or with six digits.
 * https://github.com/kubernetes/community/blob/master/contributors/devel/sig-architecture/api-conventions.md#primitive-types
 */
export interface Instant {
  /** Seconds since the epoch. */
  readonly seconds: number;
  readonly nanos: number;
}

const rfc3339 = /^(\d{4})-(\d{2})-(\d{2})T(\d{2}):(\d{2}):(\d{2})(?:[.,](\d+))?(?:(Z)|([+-])(\d{2}):(\d{2}))$/;

/** Nearly every time there is: it stands as it is, without a look at the calendar. */
const plainUtc = /^2\d{3}-(?:0[1-9]|1[0-2])-(?:0[1-9]|1\d|2[0-8])T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\dZ$/;

/** Undefined for text that is no RFC 3339 time. */
export function parseTime(text: string): Instant | undefined {
  const match = text.length <= 100 ? rfc3339.exec(text) : null;
  if (match === null) return undefined;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = match.slice(1, 7).map(Number);
  if (month < 1 || month > 12 || day < 1 || day > daysIn(year, month)) return undefined;
  if (hour > 23 || minute > 59 || second > 59) return undefined;
  const offset = offsetSeconds(match[9], Number(match[10] ?? 0), Number(match[11] ?? 0));
  if (offset === undefined) return undefined;
  return {
    seconds: daysFromEpoch(year, month, day) * 86_400 + hour * 3600 + minute * 60 + second - offset,
    nanos: Number((match[7] ?? "").slice(0, 9).padEnd(9, "0")),
  };
}

function offsetSeconds(sign: string | undefined, hours: number, minutes: number): number | undefined {
  if (hours > 24 || minutes > 59) return undefined;
  return (sign === "-" ? -1 : 1) * (hours * 60 + minutes) * 60;
}

/** The same in milliseconds since the epoch, for arithmetic with a Clock; undefined where there is no time. */
export function timeMillis(text: string | null | undefined): number | undefined {
  if (text === null || text === undefined) return undefined;
  if (plainUtc.test(text)) return Date.parse(text);
  const instant = parseTime(text);
  return instant === undefined ? undefined : instant.seconds * 1000 + Math.floor(instant.nanos / 1_000_000);
}

/** What was asked for last: all that happens in one second bears the same text. */
let lastFormatted = { seconds: 0, text: "1970-01-01T00:00:00Z" };

/** `2026-01-02T03:04:05Z`; fractions are cut off. */
export function formatTime(milliseconds: number): string {
  const seconds = Math.floor(milliseconds / 1000);
  if (seconds !== lastFormatted.seconds) lastFormatted = { seconds, text: timeText({ seconds }) };
  return lastFormatted.text;
}

/** `2026-01-02T03:04:05.678000Z` */
export function formatMicroTime(milliseconds: number): string {
  const seconds = Math.floor(milliseconds / 1000);
  return microTimeText({ seconds, nanos: Math.floor((milliseconds - seconds * 1000) * 1_000_000) });
}

/** The text as the API answers a Time; undefined when it is none. */
export function canonicalTime(text: string): string | undefined {
  if (plainUtc.test(text)) return text;
  const instant = parseTime(text);
  return instant === undefined ? undefined : timeText(instant);
}

export function canonicalMicroTime(text: string): string | undefined {
  const instant = parseTime(text);
  return instant === undefined ? undefined : microTimeText(instant);
}

const milliseconds = ".000Z";
/** Of Date's text for the years 0–9999. */
const ordinaryLength = `0000-00-00T00:00:00${milliseconds}`.length;

/** Years have four digits, also where an offset leads out of them. */
export function timeText({ seconds }: Pick<Instant, "seconds">): string {
  const iso = new Date(seconds * 1000).toISOString();
  if (iso.length === ordinaryLength) return `${iso.slice(0, ordinaryLength - milliseconds.length)}Z`;
  const [sign, year, rest] = splitYear(iso);
  return `${sign}${year}${rest.slice(0, -5)}Z`;
}

export function microTimeText(instant: Instant): string {
  const micros = String(Math.floor(instant.nanos / 1000)).padStart(6, "0");
  return `${timeText(instant).slice(0, -1)}.${micros}Z`;
}

/** Date writes years outside 0–9999 as `+010000`, `-000001`. */
function splitYear(iso: string): [sign: string, year: string, rest: string] {
  if (/^[0-9]/.test(iso)) return ["", iso.slice(0, 4), iso.slice(4)];
  return [iso.startsWith("-") ? "-" : "", String(Number(iso.slice(1, 7))).padStart(4, "0"), iso.slice(7)];
}

function daysIn(year: number, month: number): number {
  if (month === 2) return isLeap(year) ? 29 : 28;
  return [4, 6, 9, 11].includes(month) ? 30 : 31;
}

function isLeap(year: number): boolean {
  return (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
}

/** Date.UTC reads the years 0–99 as 1900–1999. */
function daysFromEpoch(year: number, month: number, day: number): number {
  return Date.UTC(year + 400, month - 1, day) / 86_400_000 - 146_097;
}
