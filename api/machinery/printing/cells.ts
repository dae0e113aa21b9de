/** Texts that tables have in common. */

export function orNone(text: string | undefined): string {
  return text ? text : "<none>";
}

export function listWithMore(shown: readonly string[], total: number): string {
  const text = shown.join(",");
  return total > shown.length ? `${text} + ${total - shown.length} more...` : text;
}
