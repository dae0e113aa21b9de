import type { CustomResourceColumnDefinition } from "../../../api/generated/types/apiextensions-v1.ts";
import { compileJsonPath, JsonPathError, type JsonPath } from "../../../api/machinery/json-path.ts";
import type { DeepReadonly, KubeObject } from "../../../api/machinery/object.ts";
import { age } from "../../../api/machinery/printing/age.ts";
import { nameColumn } from "../../../api/machinery/printing/columns.ts";
import { parseTime } from "../../../api/machinery/time.ts";
import type { Cell, PrintContext, TableColumn, TableDefinition } from "../../../api/resource.ts";
import { printedValue } from "./printed-value.ts";

type ColumnDefinition = DeepReadonly<CustomResourceColumnDefinition>;

const ageDefinition: ColumnDefinition = {
  name: "Age",
  type: "date",
  description: "When the object was created, in UTC.",
  jsonPath: ".metadata.creationTimestamp",
};

interface Column {
  readonly definition: ColumnDefinition;
  readonly find: JsonPath;
}

/**
 * What `kubectl get` prints of a custom resource: its name, and the columns of its version or else its age.
 * https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#additional-printer-columns
 */
export function tableOf(definitions: readonly ColumnDefinition[] = []): TableDefinition<KubeObject> {
  let made: readonly Column[] | undefined;
  // Most kinds are never shown as a table.
  const columns = (): readonly Column[] =>
    (made ??= compiled(definitions.length === 0 ? [ageDefinition] : definitions));
  return {
    get columns() {
      return [nameColumn, ...columns().map(({ definition }) => headerOf(definition))];
    },
    cells: (object, context) => [
      object.metadata?.name ?? "",
      ...columns().map(({ definition, find }) => cellOf(find(object)?.[0], definition.type, context)),
    ],
  };
}

/** A path that is none ends the table: nothing looks at it before this. */
function compiled(definitions: readonly ColumnDefinition[]): readonly Column[] {
  const columns: Column[] = [];
  for (const definition of definitions) {
    try {
      columns.push({ definition, find: compileJsonPath(definition.jsonPath) });
    } catch (thrown) {
      if (thrown instanceof JsonPathError) break;
      throw thrown;
    }
  }
  return columns;
}

function headerOf({ name, type, format, description, priority, jsonPath }: ColumnDefinition): TableColumn {
  return {
    name,
    // One of the table's types, or the definition would not have been accepted.
    type: type as TableColumn["type"],
    ...(format ? { format } : {}),
    ...(priority ? { priority } : {}),
    description: description || `Custom resource definition column (in JSONPath format): ${jsonPath}`,
  };
}

/** Undefined: a value that such a column does not show. */
const shown: Readonly<Record<string, (value: unknown, context: PrintContext) => Cell | undefined>> = {
  string: (value) => printedValue(value as never),
  integer: (value) => (typeof value === "number" ? Math.trunc(value) : bigintOf(value)),
  number: (value) => (typeof value === "number" ? value : bigintOf(value)),
  boolean: (value) => (typeof value === "boolean" ? value : undefined),
  date: (value, { now }) => (typeof value === "string" ? dateCell(value, now) : undefined),
};

function cellOf(value: unknown, type: string, context: PrintContext): Cell {
  return value === undefined ? null : (shown[type]?.(value, context) ?? null);
}

function bigintOf(value: unknown): bigint | undefined {
  return typeof value === "bigint" ? value : undefined;
}

function dateCell(text: string, now: number): string {
  if (text === "" || text === "null") return "<unknown>";
  return parseTime(text) === undefined ? "<invalid>" : age(text, now);
}
