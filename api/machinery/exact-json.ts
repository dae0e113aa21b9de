import { setOwn } from "./members.ts";
import type { Json, JsonObject } from "./object.ts";
import { ApiError } from "./status.ts";

/** As many findings as upstream's strict decoder keeps. */
const maxDuplicates = 100;
const minInt64 = -(2n ** 63n);
const maxUint64 = 2n ** 64n - 1n;

interface Level {
  readonly container: Json[] | JsonObject;
  /** The member that is being read, of an object. */
  key: string;
}

/**
 * Parses, once more, a text that JSON.parse has accepted: integers beyond 2^53 become bigint, repeated keys are reported.
 * Without recursion, so that depth costs no stack.
 */
export function parseExactJson(text: string): { value: Json; duplicates: string[] } {
  const duplicates = new Set<string>();
  const levels: Level[] = [];
  const root: Json[] = [];
  let level: Level = { container: root, key: "" };
  let expectsKey = false;
  let at = 0;
  while (at < text.length) {
    const start = at;
    at = endOfToken(text, start);
    const first = text[start] ?? "";
    if (first === "{" || first === "[") {
      const container: Json[] | JsonObject = first === "{" ? {} : [];
      put(level, container);
      levels.push(level);
      level = { container, key: "" };
      expectsKey = first === "{";
    } else if (first === "}" || first === "]") {
      level = levels.pop() ?? level;
    } else if (first === ",") {
      expectsKey = !Array.isArray(level.container);
    } else if (expectsKey && first === '"') {
      level.key = unquote(text.slice(start, at));
      expectsKey = false;
      if (Object.hasOwn(level.container, level.key) && duplicates.size < maxDuplicates) {
        duplicates.add(`duplicate field ${JSON.stringify(pathOf([...levels.slice(1), level]))}`);
      }
    } else if (!ignored.test(first)) {
      put(level, scalar(text.slice(start, at)));
    }
  }
  return { value: root[0] ?? null, duplicates: [...duplicates] };
}

const ignored = /[\s:]/;

/** Brackets, separators and space are tokens of one character. */
function endOfToken(text: string, start: number): number {
  const first = text.charCodeAt(start);
  let at = start + 1;
  if (first === 0x22) {
    for (; text.charCodeAt(at) !== 0x22; at++) if (text.charCodeAt(at) === 0x5c) at++;
    return at + 1;
  }
  if (isLiteral(first)) while (isLiteral(text.charCodeAt(at))) at++;
  return at;
}

/** Letters, digits, `+`, `-` and `.`: what numbers, true, false and null are made of. */
function isLiteral(code: number): boolean {
  return (
    (code >= 0x61 && code <= 0x7a) ||
    (code >= 0x30 && code <= 0x39) ||
    code === 0x2d ||
    code === 0x2b ||
    code === 0x2e ||
    code === 0x45
  );
}

function put({ container, key }: Level, value: Json): void {
  if (Array.isArray(container)) container.push(value);
  else setOwn(container, key, value);
}

function unquote(text: string): string {
  return text.includes("\\") ? String(JSON.parse(text)) : text.slice(1, -1);
}

function scalar(text: string): Json {
  if (text.startsWith('"')) return unquote(text);
  if (text === "true") return true;
  if (text === "false") return false;
  return text === "null" ? null : exactNumber(text);
}

/** Beyond 64 bits an integer is a float, as it is for Go. */
export function exactNumber(text: string): number | bigint {
  const near = Number(text);
  if (!Number.isFinite(near))
    throw new ApiError("BadRequest", `cannot unmarshal number ${text.slice(0, 40)} into Go value of type float64`);
  if (Number.isSafeInteger(near) || text.length > 20 || !/^-?[0-9]+$/.test(text)) return near;
  const exact = BigInt(text);
  return exact >= minInt64 && exact <= maxUint64 ? exact : near;
}

/** `spec.containers[0].name` */
function pathOf(levels: readonly Level[]): string {
  let path = "";
  for (const { container, key } of levels) {
    if (Array.isArray(container)) path += `[${container.length - 1}]`;
    else path += path === "" ? key : `.${key}`;
  }
  return path;
}
