import { differenceOf, fieldSetOf, type FieldSet } from "./field-set.ts";
import { fieldElement } from "./path-element.ts";

/** What says which object it is, and what only the server writes, belongs to no manager. */
const serverFields: FieldSet = fieldSetOf(
  ...[
    "apiVersion",
    "kind",
    "metadata",
    "metadata.name",
    "metadata.namespace",
    "metadata.creationTimestamp",
    "metadata.selfLink",
    "metadata.uid",
    "metadata.clusterName",
    "metadata.generation",
    "metadata.managedFields",
    "metadata.resourceVersion",
  ].map((path) => path.split(".").map(fieldElement)),
);

export function withoutServerFields(set: FieldSet): FieldSet {
  return differenceOf(set, serverFields);
}
