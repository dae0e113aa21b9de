import { CelError } from "../cel.ts";
import { textSize } from "../values/value.ts";

/** One finding of the compiler. */
export interface Issue {
  /** Negative: of no place. */
  readonly at: number;
  readonly message: string;
}

/** As many as are worth reading; upstream stops about there too. */
const mostIssues = 100;

/** Every issue in order of its place, each with its line and a marker under it. */
export function issuesError(text: string, issues: readonly Issue[]): CelError {
  const ordered = issues.toSorted((a, b) => a.at - b.at).slice(0, mostIssues);
  return new CelError(ordered.map((issue) => describeIssue(text, issue)).join("\n"));
}

function describeIssue(text: string, { at, message }: Issue): string {
  if (at < 0) return `ERROR: <input>:-1:0: ${message}`;
  const before = text.slice(0, at);
  const lineStart = before.lastIndexOf("\n") + 1;
  const line = before.split("\n").length;
  const column = textSize(before.slice(lineStart));
  const lineEnd = text.indexOf("\n", lineStart);
  const source = text.slice(lineStart, lineEnd === -1 ? undefined : lineEnd);
  const header = `ERROR: <input>:${line}:${text === "" ? 0 : column + 1}: ${message}`;
  if (source === "") return header;
  return `${header}\n | ${source.replaceAll("\t", " ")}\n | ${".".repeat(column)}^`;
}
