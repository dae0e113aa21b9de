import { CelError } from "../cel.ts";
import { compilePattern } from "../library/patterns.ts";
import type { Issue } from "../syntax/issues.ts";
import type { Value } from "../values/value.ts";
import type { Checked, ResolvedCall } from "./checked.ts";

/** Which argument is looked at where it is a literal: what would fail whenever it runs is refused at once. */
const literalPlaces: ReadonlyMap<string, number> = new Map([
  ["duration", 0],
  ["timestamp", 0],
  ["matches", 1],
]);

export function literalIssues({ calls }: Checked): readonly Issue[] {
  const issues: Issue[] = [];
  for (const call of calls.values()) {
    const arg = call.args[literalPlaces.get(call.name) ?? call.args.length];
    if (arg?.kind === "literal" && !isValid(call, arg.value))
      issues.push({ at: arg.at, message: `invalid ${call.name} argument` });
  }
  return issues;
}

function isValid({ name, overloads }: ResolvedCall, value: Value): boolean {
  try {
    if (name !== "matches") overloads[0]?.call(value, null, null, null);
    else if (typeof value === "string") compilePattern(value);
    return true;
  } catch (thrown) {
    if (thrown instanceof CelError) return false;
    throw thrown;
  }
}

/** Throws CelError for literal patterns of searches: they are compiled with the program. */
export function requirePatterns({ calls }: Checked): void {
  for (const { name, args } of calls.values()) {
    const pattern = name === "find" || name === "findAll" ? args[1] : undefined;
    if (pattern?.kind === "literal" && typeof pattern.value === "string") compilePattern(pattern.value);
  }
}
