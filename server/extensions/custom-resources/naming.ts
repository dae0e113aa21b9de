import { deepEqual } from "../../../api/machinery/equal.ts";
import type { CustomResourceDefinitionNames } from "../../../api/generated/types/apiextensions-v1.ts";
import type { DeepReadonly } from "../../../api/machinery/object.ts";

export type Names = DeepReadonly<CustomResourceDefinitionNames>;

/** Names in one group that are somebody else's. */
export interface TakenNames {
  /** Plurals, singulars and short names: URLs and command lines. */
  readonly resources: ReadonlySet<string>;
  /** Kinds and list kinds. */
  readonly kinds: ReadonlySet<string>;
}

export interface NamesVerdict {
  /** As many of the wanted names as are free; for the others those that were accepted before. */
  readonly accepted: Names;
  /** Undefined: all of them are. */
  readonly conflict: { readonly reason: string; readonly message: string } | undefined;
}

/** Who comes first has a name; of several conflicts the last is told. */
export function judgeNames(wanted: Names, before: Partial<Names>, taken: TakenNames): NamesVerdict {
  let conflict: NamesVerdict["conflict"];
  const settle = (name: string, old: string | undefined, used: ReadonlySet<string>, reason: string): string => {
    if (name === (old ?? "") || !used.has(name)) return name;
    conflict = { reason, message: inUse(name) };
    return old ?? "";
  };
  const plural = settle(wanted.plural, before.plural, taken.resources, "PluralConflict");
  const singular = settle(wanted.singular ?? "", before.singular, taken.resources, "SingularConflict");
  const clashes = clashingShortNames(wanted, before, taken);
  if (clashes.length > 0) conflict = { reason: "ShortNamesConflict", message: aggregate(clashes.map(inUse)) };
  const shortNames = clashes.length > 0 ? before.shortNames : wanted.shortNames;
  const kind = settle(wanted.kind, before.kind, taken.kinds, "KindConflict");
  const listKind = settle(wanted.listKind ?? "", before.listKind, taken.kinds, "ListKindConflict");
  const accepted = {
    plural,
    ...(singular === "" ? {} : { singular }),
    ...(shortNames === undefined ? {} : { shortNames }),
    kind,
    ...(listKind === "" ? {} : { listKind }),
    ...(wanted.categories === undefined ? {} : { categories: wanted.categories }),
  };
  return { accepted, conflict };
}

function clashingShortNames(wanted: Names, before: Partial<Names>, { resources }: TakenNames): readonly string[] {
  if (deepEqual(wanted.shortNames, before.shortNames)) return [];
  const own = new Set([...(before.shortNames ?? []), before.plural, before.singular]);
  return (wanted.shortNames ?? []).filter((name) => !own.has(name) && resources.has(name));
}

function inUse(name: string): string {
  return `${JSON.stringify(name)} is already in use`;
}

function aggregate(messages: readonly string[]): string {
  const distinct = [...new Set(messages)];
  return distinct.length === 1 ? (distinct[0] ?? "") : `[${distinct.join(", ")}]`;
}
