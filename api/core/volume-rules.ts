/** A volume has exactly one source, out of many sorts. */
import type { FieldError } from "../machinery/field-error.ts";
import { forbidden, required } from "../machinery/findings.ts";

export interface SourceRule<Holder> {
  readonly isIn: (holder: Holder) => boolean;
  /** What the source is called when it is one too many. */
  readonly refusedAs: string;
  readonly check: (holder: Holder, path: string) => FieldError[];
}

/** Where upstream's paths differ from the name of the field. */
interface Called {
  readonly at?: string;
  readonly refusedAs?: string;
}

export function sourceRule<Holder, Kind extends keyof Holder & string>(
  kind: Kind,
  check: (source: NonNullable<Holder[Kind]>, path: string, holder: Holder) => FieldError[],
  { at = kind, refusedAs = kind }: Called = {},
): SourceRule<Holder> {
  return {
    refusedAs,
    isIn: (holder) => holder[kind] !== undefined && holder[kind] !== null,
    check: (holder, path) => {
      const source = holder[kind];
      return source === undefined || source === null ? [] : check(source, `${path}.${at}`, holder);
    },
  };
}

/** The first of upstream's order counts. */
export function validateSource<Holder>(
  rules: readonly SourceRule<Holder>[],
  holder: Holder,
  path: string,
): FieldError[] {
  const [first, ...more] = rules.filter(({ isIn }) => isIn(holder));
  if (first === undefined) return [required(path, "must specify a volume type")];
  return [
    ...first.check(holder, path),
    ...more.map(({ refusedAs }) => forbidden(`${path}.${refusedAs}`, "may not specify more than 1 volume type")),
  ];
}
