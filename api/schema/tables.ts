import { schemaTable } from "../generated/schemas.ts";
import type { DefinitionName, Field, Schemas, StructType, ValueType } from "./schema.ts";

/**
 * The generated table: package → kind → `[atomic, ...fields]`. A package's index is what types of other packages name.
 *
 * Types: `[]T` list, `{}T` map, `=Kind` struct of the same package, `=3:Kind` of the package with index 3,
 * `|array` one of the JSONSchemaPropsOr… unions, else one of `scalarTypes`.
 */
export type SchemaTable = readonly (readonly [name: string, kinds: Readonly<Record<string, TableStruct>>])[];
export type TableStruct = readonly [atomic: 0 | 1, ...fields: TableField[]];
/** Flags: r required, p pointer, o omitempty, z omitzero. */
export type TableField = readonly [name: string, type: string, flags: string, extras?: TableExtras];

export interface TableExtras {
  readonly enum?: readonly string[];
  readonly patchStrategy?: string;
  readonly patchMergeKey?: string;
  readonly listType?: "atomic" | "set" | "map";
  readonly listMapKeys?: readonly string[];
  readonly listKeyDefaults?: Readonly<Record<string, string>>;
  readonly mapType?: "atomic" | "granular";
}

const scalarTypes: ReadonlyMap<string, ValueType> = new Map<string, ValueType>([
  ["string", { type: "string" }],
  ["boolean", { type: "boolean" }],
  ["int32", { type: "integer", bits: 32 }],
  ["int64", { type: "integer", bits: 64 }],
  ["number", { type: "number" }],
  ["bytes", { type: "bytes" }],
  ["time", { type: "time" }],
  ["microTime", { type: "microTime" }],
  ["duration", { type: "duration" }],
  ["quantity", { type: "quantity" }],
  ["intOrString", { type: "intOrString" }],
  ["rawExtension", { type: "any", raw: "rawExtension" }],
  ["fieldsV1", { type: "any", raw: "fieldsV1" }],
  ["json", { type: "any", raw: "json" }],
]);

/** The types that are built in. Each call has its own memory of what it has expanded; share the result. */
export function builtinSchemas(): Schemas {
  // The generator writes the text from this file's types.
  return new TableSchemas(JSON.parse(schemaTable) as SchemaTable);
}

class TableSchemas implements Schemas {
  readonly #table: SchemaTable;
  readonly #packages: ReadonlyMap<string, number>;
  readonly #structs = new Map<DefinitionName, StructType>();

  constructor(table: SchemaTable) {
    this.#table = table;
    this.#packages = new Map(table.map(([name], index) => [name, index]));
  }

  has(name: DefinitionName): boolean {
    return this.#find(name) !== undefined;
  }

  get(name: DefinitionName): StructType {
    const known = this.#structs.get(name);
    if (known !== undefined) return known;
    const found = this.#find(name);
    if (found === undefined) throw new Error(`no definition ${name}`);
    const [row, packageIndex] = found;
    const struct = new TableStructType(name, row, (type) => this.#value(type, packageIndex));
    this.#structs.set(name, struct);
    return struct;
  }

  #find(name: DefinitionName): readonly [TableStruct, number] | undefined {
    const dot = name.lastIndexOf(".");
    const index = this.#packages.get(name.slice(0, dot));
    if (index === undefined) return undefined;
    const kinds = this.#table[index]?.[1] ?? {};
    const kind = name.slice(dot + 1);
    const row = Object.hasOwn(kinds, kind) ? kinds[kind] : undefined;
    return row === undefined ? undefined : [row, index];
  }

  #value(type: string, packageIndex: number): ValueType {
    if (type.startsWith("[]")) return { type: "list", of: this.#value(type.slice(2), packageIndex) };
    if (type.startsWith("{}")) return { type: "map", of: this.#value(type.slice(2), packageIndex) };
    if (type.startsWith("=")) return { type: "struct", of: this.#named(type.slice(1), packageIndex) };
    if (type.startsWith("|")) {
      const other = type.slice(1);
      if (other !== "array" && other !== "bool" && other !== "stringArray")
        throw new Error(`schema table: no union ${other}`);
      return { type: "schemaOr", other, of: this.#named("JSONSchemaProps", packageIndex) };
    }
    const scalar = scalarTypes.get(type);
    if (scalar === undefined) throw new Error(`schema table: no type ${type}`);
    return scalar;
  }

  #named(text: string, packageIndex: number): StructType {
    const colon = text.indexOf(":");
    const index = colon < 0 ? packageIndex : Number(text.slice(0, colon));
    return this.get(`${this.#table[index]?.[0]}.${text.slice(colon + 1)}`);
  }
}

/** Types refer to themselves (JSONSchemaProps) and reach far (Pod), so fields are made when they are first looked at. */
class TableStructType implements StructType {
  readonly name: DefinitionName;
  readonly atomic: boolean;
  readonly #row: TableStruct;
  readonly #value: (type: string) => ValueType;
  #fields: ReadonlyMap<string, Field> | undefined;

  constructor(name: DefinitionName, row: TableStruct, value: (type: string) => ValueType) {
    this.name = name;
    this.atomic = row[0] === 1;
    this.#row = row;
    this.#value = value;
  }

  get fields(): ReadonlyMap<string, Field> {
    this.#fields ??= new Map(this.#expand());
    return this.#fields;
  }

  *#expand(): Generator<[string, Field]> {
    const [, ...fields] = this.#row;
    for (const [name, type, flags, extras = {}] of fields) {
      const { patchStrategy, ...rest } = extras;
      yield [
        name,
        {
          name,
          value: this.#value(type),
          required: flags.includes("r"),
          ...rest,
          ...(patchStrategy === undefined
            ? {}
            : {
                patchStrategy: {
                  merge: patchStrategy.includes("merge"),
                  retainKeys: patchStrategy.includes("retainKeys"),
                },
              }),
          pointer: flags.includes("p"),
          omitEmpty: flags.includes("o"),
          omitZero: flags.includes("z"),
        },
      ];
    }
  }
}
