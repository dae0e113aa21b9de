import type { Json } from "../machinery/object.ts";

/**
 * How server-side apply looks at a value: who can own what of it, and how two of it are merged. Built-in types, custom
 * resources' schemas and values without a schema all come to this.
 * https://kubernetes.io/docs/reference/using-api/server-side-apply/#merge-strategy
 */
export type MergeType =
  /** Owned and replaced as a whole, whatever it holds: scalars, atomic lists, maps and structs. */
  | {
      readonly type: "atomic";
      /** What an applied value must look like; absent: anything goes. */
      readonly shape?: AtomicShape;
    }
  /** A struct or a granular map: each member for itself. Undefined: there is no such field. */
  | {
      readonly type: "map";
      member(name: string): MergeType | undefined;
      /** Whether the schema names this member, as structs do; a key of a map is owned for itself. Absent: it names all. */
      declares?(name: string): boolean;
    }
  /** A list of scalars, each of which is owned for itself. */
  | { readonly type: "set"; readonly item?: MergeType }
  /** A list whose items are told apart by these members; a key that is absent has its default, if there is one. */
  | {
      readonly type: "keyedList";
      readonly keys: readonly string[];
      readonly keyDefaults: Readonly<Record<string, Json>>;
      readonly item: MergeType;
    }
  /** No schema: objects are granular, all else is atomic. */
  | { readonly type: "untyped" };

/** The type of what is owned as a whole, for the messages of an apply that does not fit it. Null always fits. */
export type AtomicShape =
  | { readonly scalar: "numeric" | "string" | "boolean" | "any" }
  | { readonly items: MergeType }
  | { readonly members: Extract<MergeType, { type: "map" }> };
