import { clauseFits, clauses, FormatIssue } from "../library/format-clause.ts";
import type { Issue } from "../syntax/issues.ts";
import { dynType, isDyn } from "../types/type.ts";
import type { Checked, ResolvedCall } from "./checked.ts";

/** `'%d'.format(['x'])` fails whenever it runs: a literal template and a literal list are compared at once. */
export function formatIssues({ calls, types }: Checked): readonly Issue[] {
  const issues: Issue[] = [];
  for (const [call, resolved] of calls) {
    const found = resolved.name === "format" ? formatIssue(resolved, types) : undefined;
    if (found !== undefined) issues.push({ at: found.at ?? call.at, message: found.message });
  }
  return issues;
}

interface Found {
  /** Undefined: of the call. */
  readonly at?: number;
  readonly message: string;
}

function formatIssue({ args }: ResolvedCall, types: Checked["types"]): Found | undefined {
  const [template, list] = args;
  if (template?.kind !== "literal" || typeof template.value !== "string" || list?.kind !== "list") return undefined;
  try {
    let next = 0;
    for (const clause of clauses(template.value)) {
      if (clause.letter === undefined) continue;
      const item = list.items[next++];
      if (item === undefined) return { message: `index ${next - 1} out of range` };
      const type = types.get(item.value) ?? dynType;
      const problem = isDyn(type) || item.optional ? undefined : clauseFits(clause.letter, type);
      if (problem !== undefined) return { at: item.value.at, message: problem };
    }
    if (next === list.items.length) return undefined;
    const words = `(expected ${next}, got ${list.items.length})`;
    return { message: `too many arguments supplied to string.format ${words}` };
  } catch (thrown) {
    if (thrown instanceof FormatIssue) return { message: thrown.message };
    throw thrown;
  }
}
