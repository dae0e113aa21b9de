import { parseDuration } from "../../machinery/duration.ts";
import { CelError } from "../cel.ts";
import { timestampOf } from "../library/conversions.ts";
import { compilePattern } from "../library/patterns.ts";
import type { Issue } from "../syntax/issues.ts";
import type { Checked } from "./checked.ts";

type Valid = (text: string) => boolean;

/** Literals that are read when the expression runs; Kubernetes refuses bad ones at once. */
const validators: ReadonlyMap<string, { readonly place: number; readonly valid: Valid }> = new Map([
  ["duration", { place: 0, valid: (text: string) => parseDuration(text) !== undefined }],
  ["timestamp", { place: 0, valid: isTimestamp }],
  ["matches", { place: 1, valid: isPattern }],
]);

function isTimestamp(text: string): boolean {
  try {
    return timestampOf(text) !== undefined;
  } catch (thrown) {
    if (thrown instanceof CelError) return false;
    throw thrown;
  }
}

function isPattern(text: string): boolean {
  try {
    compilePattern(text);
    return true;
  } catch (thrown) {
    if (thrown instanceof CelError) return false;
    throw thrown;
  }
}

export function literalIssues({ calls }: Checked): readonly Issue[] {
  const issues: Issue[] = [];
  for (const { name, args } of calls.values()) {
    const validator = validators.get(name);
    const arg = validator === undefined ? undefined : args[validator.place];
    if (arg?.kind !== "literal" || typeof arg.value !== "string" || validator?.valid(arg.value) !== false) continue;
    issues.push({ at: arg.at, message: `invalid ${name} argument` });
  }
  return issues;
}

/** Throws CelError for literal patterns of searches: they are compiled with the program. */
export function requirePatterns({ calls }: Checked): void {
  for (const { name, args } of calls.values()) {
    const pattern = name === "find" || name === "findAll" ? args[1] : undefined;
    if (pattern?.kind === "literal" && typeof pattern.value === "string") compilePattern(pattern.value);
  }
}
