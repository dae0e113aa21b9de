import type { FieldError } from "../machinery/field-error.ts";
import { duplicate, tooMany } from "../machinery/findings.ts";

interface ListRules<T> {
  readonly most: number;
  readonly item: (item: T, path: string) => readonly FieldError[];
  /** No two may have the same. */
  readonly key?: (item: T) => string;
}

/** A list that is too long is not looked at. */
export function validateList<T>(
  list: readonly T[] | null | undefined,
  path: string,
  rules: ListRules<T>,
): FieldError[] {
  const items = list ?? [];
  if (items.length > rules.most) return [tooMany(path, items.length, rules.most)];
  const findings = items.flatMap((item, index) => [...rules.item(item, `${path}[${index}]`)]);
  const seen = new Set<string>();
  for (const [index, item] of items.entries()) {
    const key = rules.key?.(item);
    if (key === undefined) continue;
    if (seen.has(key)) findings.push(duplicate(`${path}[${index}]`, key));
    seen.add(key);
  }
  return findings;
}

interface MapRules<T> {
  readonly most: number;
  readonly key: (key: string, path: string) => readonly FieldError[];
  readonly item?: (item: T, path: string) => readonly FieldError[];
}

export function validateMap<T>(
  map: Readonly<Record<string, T>> | undefined,
  path: string,
  rules: MapRules<T>,
): FieldError[] {
  const entries = Object.entries(map ?? {});
  if (entries.length > rules.most) return [tooMany(path, entries.length, rules.most)];
  return entries.flatMap(([key, item]) => [
    ...rules.key(key, path),
    ...(rules.item?.(item, `${path}[${shortened(key)}]`) ?? []),
  ]);
}

const longestShown = 96;

function shortened(key: string): string {
  if (key.length <= longestShown) return key;
  const rest = longestShown - 3;
  return `${key.slice(0, Math.ceil(rest / 2))}...${key.slice(key.length - Math.floor(rest / 2))}`;
}
