/** The lines of a kubectl table with their cells joined by " | "; empty cells leave no trace in the text. */
export function tableLines(stdout: string): readonly string[] {
  return stdout
    .split("\n")
    .filter((line) => line.trim() !== "")
    .map((line) => line.trim().split(/ {2,}/).join(" | "));
}

const age = String.raw`(?:\d+[smhdy])+|<unknown>|<invalid>`;
const time = String.raw`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ`;

/** A golden row as a pattern: `*` is any text, AGE an age, TIME a time. */
export function rowPattern(row: string): RegExp {
  const cells = row.split(" | ").map((cell) => {
    if (cell === "AGE") return age;
    if (cell === "TIME") return time;
    return cell.replaceAll(/[.+?^${}()|[\]\\]/g, String.raw`\$&`).replaceAll("*", ".*");
  });
  return new RegExp(`^${cells.map((cell) => `(?:${cell})`).join(String.raw` \| `)}$`);
}
