/** Figures of one measurement, as they stand in README.md. */
export interface Table {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

export interface Measurement {
  /** As it is asked for on the command line. */
  readonly name: string;
  readonly title: string;
  /** `scratch` is an empty folder on the disk that is measured; it is removed afterwards. */
  measure(scratch: string): Promise<Table>;
}

export function markdown({ columns, rows }: Table): string {
  const widths = columns.map((column, at) => Math.max(column.length, ...rows.map((row) => (row[at] ?? "").length)));
  const line = (cells: readonly string[]): string =>
    `| ${widths.map((width, at) => (cells[at] ?? "").padEnd(width)).join(" | ")} |`;
  return [line(columns), line(widths.map((width) => "-".repeat(width))), ...rows.map(line)].join("\n");
}

export const count = (value: number): string => value.toLocaleString("en", { maximumFractionDigits: 0 });
export const ms = (value: number): string => value.toFixed(value < 10 ? 2 : value < 100 ? 1 : 0);
export const mb = (bytes: number): string => (bytes / 1e6).toFixed(0);
