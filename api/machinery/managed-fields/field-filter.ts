import { fieldSetOf, recursiveDifferenceOf, within, type FieldSet } from "./field-set.ts";
import { fieldElement } from "./path-element.ts";

/** What remains of a set for an endpoint: nobody owns through it what cannot be written through it. */
export type FieldFilter = (set: FieldSet) => FieldSet;

/** Leaves out some fields, dotted (`spec`, `metadata.labels`), and all below them. Make one per endpoint, not per write. */
export function exceptFields(paths: readonly string[]): FieldFilter {
  const reset = fieldSetOf(...paths.map(pathOf));
  return (set) => recursiveDifferenceOf(set, reset);
}

/** Leaves nothing but some fields and all below them: the status of a custom resource. */
export function onlyFields(paths: readonly string[]): FieldFilter {
  const kept = fieldSetOf(...paths.map(pathOf));
  return (set) => within(set, kept);
}

function pathOf(dotted: string): string[] {
  return dotted.split(".").map(fieldElement);
}
