/**
 * The runtime schema of the API's types: what decoding, pruning, defaulting, validation, strategic merge patch,
 * server-side apply and protobuf know of a type. Built from the generated tables (see scripts/generate) on first use,
 * a definition at a time.
 */

/** OpenAPI definition name, such as `io.k8s.api.core.v1.Pod`. */
export type DefinitionName = string;

export type ValueType =
  | { readonly type: "struct"; readonly of: StructType }
  | { readonly type: "list"; readonly of: ValueType }
  | { readonly type: "map"; readonly of: ValueType }
  | { readonly type: "string" }
  | { readonly type: "boolean" }
  | { readonly type: "integer"; readonly bits: 32 | 64; readonly unsigned?: boolean }
  | { readonly type: "number" }
  /** base64 text on the JSON wire. */
  | { readonly type: "bytes" }
  /** RFC 3339 with seconds / with six digits; both may be null on the wire. */
  | { readonly type: "time" }
  | { readonly type: "microTime" }
  /** Go duration text. */
  | { readonly type: "duration" }
  | { readonly type: "quantity" }
  | { readonly type: "intOrString" }
  /** Any JSON (RawExtension, FieldsV1, JSON); `raw` names its protobuf form. */
  | { readonly type: "any"; readonly raw: "rawExtension" | "fieldsV1" | "json" | "none" }
  /** The three JSONSchemaPropsOr… unions of CustomResourceDefinitions. */
  | { readonly type: "schemaOr"; readonly other: "array" | "bool" | "stringArray"; readonly of: StructType };

export interface Field {
  readonly name: string;
  readonly value: ValueType;
  /** OpenAPI's required marker. */
  readonly required: boolean;
  /** Allowed strings; empty string is never listed. For a list, of its items. */
  readonly enum?: readonly string[];
  readonly patchStrategy?: { readonly merge: boolean; readonly retainKeys: boolean };
  readonly patchMergeKey?: string;
  readonly listType?: "atomic" | "set" | "map";
  readonly listMapKeys?: readonly string[];
  /** Defaults of list map keys for server-side apply (ports' protocol). */
  readonly listKeyDefaults?: Readonly<Record<string, string>>;
  readonly mapType?: "atomic" | "granular";
  /** Go pointer: unset differs from the zero value. */
  readonly pointer: boolean;
  /** Left out of JSON when it has the zero value (never for a pointer that is set). */
  readonly omitEmpty: boolean;
  /** Left out of JSON when it is a struct without any content. */
  readonly omitZero: boolean;
}

export interface StructType {
  readonly name: DefinitionName;
  /** In the order of the Go struct; members that Go inlines stand here flattened, as JSON has them. */
  readonly fields: ReadonlyMap<string, Field>;
  /** Replaced as a whole by server-side apply. */
  readonly atomic: boolean;
}

export interface Schemas {
  /** Throws when there is no such definition: a programming error, never a user's. */
  get(name: DefinitionName): StructType;
  has(name: DefinitionName): boolean;
}
