import { isObject } from "../../api/machinery/members.ts";

/** An object, or those of a list or a table, without `metadata.managedFields`. */
export function withoutManagedFields(value: unknown): unknown {
  if (!isObject(value)) return value;
  const { metadata, items, rows } = value;
  return {
    ...value,
    ...(isObject(metadata) ? { metadata: withoutMember(metadata) } : {}),
    ...(Array.isArray(items) ? { items: items.map(withoutManagedFields) } : {}),
    ...(Array.isArray(rows) ? { rows: rows.map(rowWithout) } : {}),
  };
}

function rowWithout(row: unknown): unknown {
  return isObject(row) && isObject(row["object"]) ? { ...row, object: withoutManagedFields(row["object"]) } : row;
}

function withoutMember(metadata: Readonly<Record<string, unknown>>): object {
  const { managedFields: _managedFields, ...others } = metadata;
  return others;
}
