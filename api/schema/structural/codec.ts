import { describeFieldError, type FieldError } from "../../machinery/field-error.ts";
import { bad } from "../../machinery/findings.ts";
import { goKind } from "../../machinery/json.ts";
import { isObject } from "../../machinery/members.ts";
import type { DeepReadonly, Json, KubeObject } from "../../machinery/object.ts";
import type { RegularExpressions } from "../../machinery/regular-expression.ts";
import { ApiError } from "../../machinery/status.ts";
import type { MergeType } from "../merge-type.ts";
import { applyDefaults } from "./default.ts";
import { validateEmbedded } from "./embedded.ts";
import { structuralMergeType } from "./merge-type.ts";
import { type MetadataReader, readMetadata } from "./metadata.ts";
import { prune } from "./prune.ts";
import type { Structural } from "./structural.ts";
import { validateUniqueLists } from "./unique-lists.ts";
import { validateValue } from "./validate.ts";

/** What the server needs of a version's schema (its `VersionCodec`). */
export interface StructuralCodec {
  readonly type: undefined;
  readonly merge: MergeType;
  /** A copy, pruned, with sorted keys; what was unknown, by path. Throws a BadRequest ApiError. */
  conform(value: Json): { object: KubeObject; unknown: readonly string[] };
  /** In place. */
  default(object: KubeObject): void;
  validate(object: DeepReadonly<KubeObject>): readonly FieldError[];
  validateUpdate(object: DeepReadonly<KubeObject>, old: DeepReadonly<KubeObject>): readonly FieldError[];
}

/** Checks `x-kubernetes-validations`; `old` is absent on a create. */
export type RuleChecker = (object: DeepReadonly<Json>, old: DeepReadonly<Json> | undefined) => readonly FieldError[];

export interface StructuralCodecOptions {
  readonly schema: Structural;
  readonly version: string;
  readonly kind: string;
  /** Absent: rules are not checked. */
  readonly rules?: RuleChecker;
  readonly patterns: RegularExpressions;
  /** How metadata is read and merged. */
  readonly objectMeta: MetadataReader & { readonly merge: MergeType };
}

export function createStructuralCodec(options: StructuralCodecOptions): StructuralCodec {
  const { schema, patterns, rules, objectMeta } = options;
  return {
    type: undefined,
    merge: structuralMergeType(schema, objectMeta.merge),
    conform: (value) => conform(value, options),
    default(object) {
      // A custom resource is JSON and nothing else.
      applyDefaults(object as Json, schema);
    },
    validate(object) {
      const value = object as DeepReadonly<Json>;
      const findings = [
        ...validateValue(value, schema, { patterns }),
        ...validateEmbedded(value, schema),
        ...validateUniqueLists(value, schema),
      ];
      return withRules(findings, rules && (() => rules(value, undefined)));
    },
    validateUpdate(object, old) {
      const value = object as DeepReadonly<Json>;
      const oldValue = old as DeepReadonly<Json>;
      const findings = [
        ...validateValue(value, schema, { patterns }, oldValue),
        ...validateEmbedded(value, schema),
        // Lists that had duplicates before may keep them.
        ...(validateUniqueLists(oldValue, schema).length === 0 ? validateUniqueLists(value, schema) : []),
      ];
      return withRules(findings, rules && (() => rules(value, oldValue)));
    },
  };
}

/** Rules expect values of the types that the schema says. */
const blocking: ReadonlySet<FieldError["type"]> = new Set([
  "NotSupported",
  "Required",
  "TooLong",
  "TooMany",
  "TypeInvalid",
]);
const blocked =
  "some validation rules were not checked because the object was invalid; correct the existing errors to complete validation";

function withRules(
  findings: readonly FieldError[],
  rules: (() => readonly FieldError[]) | undefined,
): readonly FieldError[] {
  if (rules === undefined) return findings;
  if (findings.some(({ type }) => blocking.has(type))) return [...findings, bad("<nil>", null, blocked)];
  return [...findings, ...rules()];
}

function conform(
  value: Json,
  { schema, version, kind, objectMeta }: StructuralCodecOptions,
): { object: KubeObject; unknown: readonly string[] } {
  const refuse = (complaint: string): ApiError =>
    new ApiError(
      "BadRequest",
      `${kind} in version ${JSON.stringify(version)} cannot be handled as a ${kind}: ${complaint}`,
    );
  if (!isObject(value))
    throw refuse(`json: cannot unmarshal ${goKind(value)} into Go value of type map[string]interface {}`);
  const pruned = prune(value, schema, {
    isResource: true,
    metadata(given) {
      const read = readMetadata(given, objectMeta);
      if ("complaint" in read) throw refuse(read.complaint);
      return read;
    },
    typeMeta(given, path) {
      if (typeof given === "string") return;
      throw refuse(`${path}: ${describeFieldError(bad(path, given, "must be a string"))}`);
    },
  });
  // An object goes in, an object comes out.
  return { object: pruned.value as KubeObject, unknown: pruned.unknown };
}
