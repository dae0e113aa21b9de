/**
 * Defaults must be what validation and pruning would let pass.
 * https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#defaulting
 */
import { describeFieldError, type FieldError } from "../../machinery/field-error.ts";
import { bad } from "../../machinery/findings.ts";
import type { DeepReadonly, Json } from "../../machinery/object.ts";
import type { RegularExpressions } from "../../machinery/regular-expression.ts";
import { validateEmbedded } from "./embedded.ts";
import { type MetadataReader, readMetadata } from "./metadata.ts";
import { prune, sortedCopy } from "./prune.ts";
import type { CelEnvironmentFactory } from "./rule-program.ts";
import { createRuleChecker } from "./rules.ts";
import type { Structural } from "./structural.ts";
import { validateValue } from "./validate.ts";

export interface DefaultCheckOptions {
  readonly patterns: RegularExpressions;
  readonly objectMeta: MetadataReader;
  /** Absent: defaults are not run through rules. */
  readonly environmentOf?: CelEnvironmentFactory;
}

/** Where a schema is. */
interface Place {
  /** The object whose apiVersion, kind or metadata this belongs to; absent outside of them. */
  readonly resource: Structural | undefined;
  /** Puts a value of this schema into such an object. */
  readonly surround: (value: Json) => Json;
}

export function checkDefaults(schema: Structural, path: string, options: DefaultCheckOptions): FieldError[] {
  const resource = { ...schema, embedded: true, holds: { ...schema.holds, embedded: true } };
  return [...visit(resource, undefined, path, options)];
}

function* visit(
  schema: Structural,
  place: Place | undefined,
  path: string,
  options: DefaultCheckOptions,
): Generator<FieldError> {
  if (!schema.holds.defaults) return;
  const inside = schema.embedded ? undefined : place;
  if (schema.default !== undefined) yield* checkDefault(schema, inside, `${path}.default`, options);
  // Defaults have no place in additionalProperties of metadata, and elsewhere they are checked as they are used.
  if (schema.items !== undefined) {
    const items = inside && { ...inside, surround: (value: Json) => inside.surround([value]) };
    yield* visit(schema.items, items, `${path}.items`, options);
  }
  for (const [name, property] of schema.properties ?? [])
    yield* visit(property, placeOf(schema, inside, name), `${path}.properties[${name}]`, options);
}

function placeOf(schema: Structural, place: Place | undefined, name: string): Place | undefined {
  if (place !== undefined) return { ...place, surround: (value) => place.surround({ [name]: value }) };
  if (!schema.embedded || !["metadata", "apiVersion", "kind"].includes(name)) return undefined;
  return {
    resource: schema,
    surround: (value) => ({ apiVersion: "validation/v1", kind: "Validation", [name]: value }),
  };
}

function checkDefault(
  schema: Structural,
  place: Place | undefined,
  path: string,
  options: DefaultCheckOptions,
): FieldError[] {
  const value = sortedCopy(schema.default ?? null);
  if (place?.resource !== undefined) {
    const problem = metadataProblem(place.surround(value), place.resource, options);
    if (problem !== undefined) return [bad(path, value, `must result in valid metadata: ${problem}`)];
    return valueFindings(value, schema, path, options);
  }
  const findings =
    prune(value, schema, { isResource: schema.embedded }).unknown.length > 0
      ? [bad(path, value, "must not have unknown fields")]
      : [];
  const problem = coercionProblem(value, schema, options);
  if (problem !== undefined) return [...findings, { ...problem, field: `${path}.${problem.field}` }];
  const embedded = validateEmbedded(value, schema, path);
  return [...findings, ...(embedded.length > 0 ? embedded : valueFindings(value, schema, path, options))];
}

/** Findings name places from the default on. */
function valueFindings(
  value: DeepReadonly<Json>,
  schema: Structural,
  path: string,
  { patterns, environmentOf }: DefaultCheckOptions,
): FieldError[] {
  const findings = validateValue(value, schema, { patterns });
  const all =
    findings.length > 0 || environmentOf === undefined ? findings : ruleFindings(value, schema, environmentOf);
  return all.map((finding) => ({
    ...finding,
    field: finding.field === "<nil>" ? path : `${path}.${finding.field}`,
  }));
}

/** As if it stayed, and if that is well, as if it were new. */
function ruleFindings(
  value: DeepReadonly<Json>,
  schema: Structural,
  environmentOf: CelEnvironmentFactory,
): readonly FieldError[] {
  if (!schema.holds.rules) return [];
  const check = createRuleChecker(schema, environmentOf, { isResource: schema.embedded, ratchets: false });
  const findings = check(value, value);
  return findings.length > 0 ? findings : check(value, undefined);
}

function metadataProblem(object: Json, resource: Structural, options: DefaultCheckOptions): string | undefined {
  const problem = coercionProblem(object, resource, options);
  if (problem !== undefined) return `${problem.field}: ${describeFieldError(problem)}`;
  const findings = validateEmbedded(object, resource).map((one) => `${one.field}: ${describeFieldError(one)}`);
  if (findings.length === 0) return undefined;
  return findings.length === 1 ? findings[0] : `[${findings.join(", ")}]`;
}

/** The first thing about an object's type or metadata that decoding would refuse. */
function coercionProblem(value: Json, schema: Structural, options: DefaultCheckOptions): FieldError | undefined {
  let problem: FieldError | undefined;
  prune(value, schema, {
    isResource: schema.embedded,
    metadata(given, path) {
      const read = readMetadata(given, options.objectMeta);
      if (!("complaint" in read)) return read;
      problem ??= bad(path, given, read.complaint);
      return { value: null, unknown: [] };
    },
    typeMeta(given, path) {
      if (typeof given !== "string") problem ??= bad(path, given, "must be a string");
    },
  });
  return problem;
}
