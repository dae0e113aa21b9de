import { deepEqual } from "../machinery/equal.ts";
import type { FieldError } from "../machinery/field-error.ts";
import { checkSchema, type CheckOptions } from "../schema/structural/check.ts";
import type { Definition, DefinitionVersion } from "./definition.ts";
import { placesOf } from "./version-places.ts";

/** The schemas of a definition's versions. What an update leaves as it was is not looked at again. */
export function validateSchemas(
  { spec }: Definition,
  old: Definition | undefined,
  options: Pick<CheckOptions, "objectMeta" | "environmentOf">,
): FieldError[] {
  const known = new Map(old?.spec.versions.map((version) => [version.name, version]));
  const isKnown = (version: DefinitionVersion): boolean => {
    const before = known.get(version.name);
    return before !== undefined && hasStatus(before) === hasStatus(version) && deepEqual(before.schema, version.schema);
  };
  const names = { shared: "validation.openAPIV3Schema", own: "schema.openAPIV3Schema" };
  return placesOf(spec.versions ?? [], ({ schema }) => schema?.openAPIV3Schema, names).flatMap(
    ({ path, value, versions }) =>
      versions.every(isKnown) ? [] : checkSchema(value, path, { ...options, hasStatus: versions.some(hasStatus) }),
  );
}

function hasStatus({ subresources }: DefinitionVersion): boolean {
  return subresources?.status !== undefined;
}
