import {
  exactField,
  parseFieldSelector,
  requireSelectable,
  type FieldRequirement,
} from "../../api/machinery/fields.ts";
import { parseLabelSelector } from "../../api/machinery/label-query.ts";
import { everything } from "../../api/machinery/labels.ts";
import { ApiError } from "../../api/machinery/status.ts";
import type { Selection } from "../watch-cache/selection.ts";
import type { ResourceRequest } from "./context.ts";

/** What a list, a watch or a deletecollection is about; a name in the URL is a field selector too. */
export function selectionOf({ target, kind, version, query }: ResourceRequest): Selection {
  const labelSelector = query.get("labelSelector") ?? "";
  const fields: FieldRequirement[] = [...parseFieldSelector(query.get("fieldSelector") ?? "")];
  requireSelectable(fields, selectableFields(kind, version));
  if (target.name !== "") {
    if ((exactField(fields, "metadata.name") ?? target.name) !== target.name)
      throw new ApiError("BadRequest", "fieldSelector metadata.name doesn't match requested name");
    fields.push({ field: "metadata.name", operator: "=", value: target.name });
  }
  return {
    namespace: target.namespace,
    labels: labelSelector === "" ? everything : parseLabelSelector(labelSelector),
    fields,
  };
}

/** Undefined when the kind has none but name and namespace. */
function selectableFields(
  { row }: ResourceRequest["kind"],
  { apiVersion }: ResourceRequest["version"],
): ReadonlySet<string> | undefined {
  const own = row.selectableFieldsOf?.[apiVersion] ?? row.selectableFields;
  return own === undefined ? undefined : new Set(Object.keys(own));
}
