/** What differs between two objects, for messages: lines of their JSON, as `diff -u` shows them. */
export function unifiedDiff(before: unknown, after: unknown): string {
  const edits = diffLines(linesOf(before), linesOf(after));
  return hunks(edits).map(showHunk).join("");
}

const contextLines = 3;

interface Edit {
  readonly sign: " " | "-" | "+";
  readonly text: string;
  /** Where in either text it is, or would be. */
  readonly from: number;
  readonly to: number;
}

function linesOf(value: unknown): string[] {
  return (JSON.stringify(sorted(value), undefined, " ") ?? "null").split("\n");
}

/** Members in a fixed order: only what was changed must show. */
function sorted(value: unknown): unknown {
  if (typeof value === "bigint") return Number(value);
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  const members = Object.entries(value).filter(([, member]) => member !== undefined);
  return Object.fromEntries(
    members.toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([key, member]) => [key, sorted(member)]),
  );
}

/** The longest common subsequence stays. */
function diffLines(before: readonly string[], after: readonly string[]): Edit[] {
  const lengths = commonLengths(before, after);
  const edits: Edit[] = [];
  let from = 0;
  let to = 0;
  while (from < before.length || to < after.length) {
    const [old, now] = [before[from], after[to]];
    if (old !== undefined && old === now) edits.push({ sign: " ", text: old, from: from++, to: to++ });
    else if (old !== undefined && (now === undefined || at(lengths, from + 1, to) >= at(lengths, from, to + 1)))
      edits.push({ sign: "-", text: old, from: from++, to });
    else edits.push({ sign: "+", text: now ?? "", from, to: to++ });
  }
  return edits;
}

/** How much the rests of both, from each pair of lines on, have in common. */
function commonLengths(before: readonly string[], after: readonly string[]): readonly Uint32Array[] {
  const rows = Array.from({ length: before.length + 1 }, () => new Uint32Array(after.length + 1));
  for (let from = before.length - 1; from >= 0; from--)
    for (let to = after.length - 1; to >= 0; to--) {
      const row = rows[from];
      if (row === undefined) continue;
      row[to] =
        before[from] === after[to]
          ? at(rows, from + 1, to + 1) + 1
          : Math.max(at(rows, from + 1, to), at(rows, from, to + 1));
    }
  return rows;
}

function at(rows: readonly Uint32Array[], from: number, to: number): number {
  return rows[from]?.[to] ?? 0;
}

/** Changes with the lines around them; what is far from any change is left out. */
function hunks(edits: readonly Edit[]): Edit[][] {
  const shown = new Set<number>();
  for (const [index, { sign }] of edits.entries())
    if (sign !== " ") for (let near = index - contextLines; near <= index + contextLines; near++) shown.add(near);
  const found: Edit[][] = [];
  for (const [index, edit] of edits.entries()) {
    if (!shown.has(index)) continue;
    if (shown.has(index - 1) && index > 0) found.at(-1)?.push(edit);
    else found.push([edit]);
  }
  return found;
}

function showHunk(hunk: readonly Edit[]): string {
  const [first] = hunk;
  if (first === undefined) return "";
  const old = hunk.filter(({ sign }) => sign !== "+").length;
  const now = hunk.filter(({ sign }) => sign !== "-").length;
  const head = `@@ -${range(first.from, old)} +${range(first.to, now)} @@\n`;
  return head + hunk.map(({ sign, text }) => `${sign}${text}\n`).join("");
}

/** Counted from one; of nothing, the line before. */
function range(start: number, count: number): string {
  if (count === 1) return String(start + 1);
  return `${count === 0 ? start : start + 1},${count}`;
}
