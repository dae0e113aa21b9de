import { deepEqual } from "../../../api/machinery/equal.ts";
import type { ResourceRow } from "../../../api/resource.ts";
import type { LocalGroupVersion } from "./local-plan.ts";

interface ServedKinds {
  rows(): readonly ResourceRow[];
  /** Moves with every change of `rows`. */
  readonly version: number;
}

/** What a server serves itself, as it is when asked; the same array as long as that stays. */
export function servedGroupVersions(
  kinds: ServedKinds,
  builtin: readonly ResourceRow[],
): () => readonly LocalGroupVersion[] {
  const fixed = new Set(builtin.flatMap(({ served }) => served.map(nameOf)));
  let version: number | undefined;
  let known: readonly LocalGroupVersion[] = [];
  return () => {
    if (version === kinds.version) return known;
    version = kinds.version;
    const found = new Map<string, LocalGroupVersion>();
    for (const { served } of kinds.rows())
      for (const one of served) {
        const name = nameOf(one);
        found.set(name, { group: one.group, version: one.version, isCustom: !fixed.has(name) });
      }
    const now = [...found.values()];
    if (!deepEqual(now, known)) known = now;
    return known;
  };
}

function nameOf({ group, version }: { readonly group: string; readonly version: string }): string {
  return `${group}/${version}`;
}
