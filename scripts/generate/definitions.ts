import { enabledGroupVersions, openApiPackage, type Facts, type MergeFact, type MessageRow } from "./facts.ts";
import { modelName, readModel, type Model } from "./models.ts";

/** A field's type; `struct` names a definition. */
export type Value =
  | { readonly type: "struct"; readonly name: string }
  | { readonly type: "list" | "map"; readonly of: Value }
  | { readonly type: "schemaOr"; readonly other: "array" | "bool" | "stringArray" }
  | { readonly type: "scalar"; readonly name: Scalar };

export type Scalar =
  | "string"
  | "boolean"
  | "int32"
  | "int64"
  | "number"
  | "bytes"
  | "time"
  | "microTime"
  | "duration"
  | "quantity"
  | "intOrString"
  | "rawExtension"
  | "fieldsV1"
  | "json";

export interface DefinitionField {
  readonly name: string;
  readonly value: Value;
  /** Go's type is a pointer; JSON tags omitempty and omitzero. */
  readonly pointer: boolean;
  readonly omitEmpty: boolean;
  readonly omitZero: boolean;
  readonly required: boolean;
  readonly description: string | undefined;
  readonly enum: readonly string[] | undefined;
  readonly merge: MergeFact;
  readonly listKeyDefaults: Readonly<Record<string, string>> | undefined;
}

export interface Definition {
  /** OpenAPI's name. */
  readonly name: string;
  readonly package: string;
  readonly kind: string;
  readonly description: string | undefined;
  /** In the order of the Go struct. */
  readonly fields: readonly DefinitionField[];
  readonly atomic: boolean;
  /** OpenAPI documents do not have it: options, discovery, webhook reviews. */
  readonly protobufOnly: boolean;
}

const meta = "io.k8s.apimachinery.pkg.apis.meta.v1";

/** Messages that OpenAPI does not publish but servers and clients exchange. The Go types of the first ones start with TypeMeta. */
const unpublished: Readonly<Record<string, { readonly roots: readonly string[]; readonly parts?: readonly string[] }>> =
  {
    [meta]: {
      roots: [
        "CreateOptions",
        "GetOptions",
        "List",
        "ListOptions",
        "PartialObjectMetadata",
        "PartialObjectMetadataList",
        "PatchOptions",
        "UpdateOptions",
      ],
      parts: ["GroupKind", "GroupResource", "GroupVersion", "GroupVersionKind", "GroupVersionResource"],
    },
    "io.k8s.api.core.v1": {
      roots: [
        "NodeProxyOptions",
        "PodAttachOptions",
        "PodExecOptions",
        "PodLogOptions",
        "PodPortForwardOptions",
        "PodProxyOptions",
        "ServiceProxyOptions",
      ],
    },
    "io.k8s.api.admission.v1": { roots: ["AdmissionReview"], parts: ["AdmissionRequest", "AdmissionResponse"] },
    "io.k8s.api.apidiscovery.v2": {
      roots: ["APIGroupDiscovery", "APIGroupDiscoveryList"],
      parts: ["APIResourceDiscovery", "APISubresourceDiscovery", "APIVersionDiscovery"],
    },
    "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1": {
      roots: ["ConversionReview"],
      parts: ["ConversionRequest", "ConversionResponse"],
    },
    "io.k8s.metrics.pkg.apis.metrics.v1beta1": {
      roots: ["NodeMetrics", "NodeMetricsList", "PodMetrics", "PodMetricsList"],
      parts: ["ContainerMetrics"],
    },
  };

const scalars: Readonly<Record<string, Scalar>> = {
  string: "string",
  bool: "boolean",
  int32: "int32",
  int64: "int64",
  double: "number",
  bytes: "bytes",
  [`${meta}.Time`]: "time",
  [`${meta}.MicroTime`]: "microTime",
  [`${meta}.Duration`]: "duration",
  [`${meta}.FieldsV1`]: "fieldsV1",
  "io.k8s.apimachinery.pkg.api.resource.Quantity": "quantity",
  "io.k8s.apimachinery.pkg.util.intstr.IntOrString": "intOrString",
  "io.k8s.apimachinery.pkg.runtime.RawExtension": "rawExtension",
  "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSON": "json",
};

/** Every definition that the group-versions served by default need, by package and in the order of the facts. */
export function readDefinitions(facts: Facts, models: URL): readonly Definition[] {
  const published = publishedPackages(facts);
  const found: Definition[] = [];
  for (const [protobufPackage, messages] of Object.entries(facts.protobuf.messages)) {
    const name = openApiPackage(protobufPackage);
    const listed = new Set(published.has(name) ? facts.openApi.definitions[name] : []);
    const hidden = unpublished[name];
    const roots = new Set(hidden?.roots);
    const parts = new Set(hidden?.parts);
    for (const kind of Object.keys(messages)) {
      if (!listed.has(kind) && !roots.has(kind) && !parts.has(kind)) continue;
      const full = `${name}.${kind}`;
      if (scalars[full] !== undefined || schemaOr(full) !== undefined) continue;
      const hasModel = listed.has(kind) && !facts.openApi.clientNodeModel.noModel.includes(full);
      const model = hasModel ? readModel(models, modelName(full, facts.openApi)) : undefined;
      found.push(
        define({ facts, protobufPackage, kind, model, root: roots.has(kind), protobufOnly: !listed.has(kind) }),
      );
    }
  }
  found.push(versionInfo(facts, models));
  return found;
}

/** Packages whose definitions the OpenAPI documents of a default server have. */
function publishedPackages(facts: Facts): ReadonlySet<string> {
  const served = enabledGroupVersions(facts).map((at) => {
    const name = facts.protobuf.groupVersions[at];
    if (name === undefined) throw new Error(`no protobuf package for ${at}`);
    return openApiPackage(name);
  });
  return new Set([...served, meta]);
}

interface Source {
  readonly facts: Facts;
  readonly protobufPackage: string;
  readonly kind: string;
  readonly model: Model | undefined;
  readonly root: boolean;
  readonly protobufOnly: boolean;
}

function define(source: Source): Definition {
  const { facts, protobufPackage, kind, model } = source;
  const name = `${openApiPackage(protobufPackage)}.${kind}`;
  const rows = flatten(facts, protobufPackage, kind).filter((row) => !row.flags.includes("-"));
  const named = new Set(rows.map((row) => row.name));
  // Protobuf leaves TypeMeta to the envelope; in Go it stands first.
  const typeMeta = source.root
    ? ["kind", "apiVersion"]
    : ["kind", "apiVersion"].filter((field) => model?.fields.has(field) && !named.has(field));
  const all: FlatRow[] = [...typeMeta.map((field) => ({ name: field, flags: "o", value: text })), ...rows];
  for (const field of model?.fields.keys() ?? []) {
    if (!all.some((row) => row.name === field))
      throw new Error(`${name}.${field} is in the model but not in the protobuf facts`);
  }
  const enums = facts.openApi.enums[name];
  const fields = all.map((row): DefinitionField => ({
    name: row.name,
    value: row.value,
    pointer: row.flags.includes("p"),
    omitEmpty: row.flags.includes("o"),
    omitZero: row.flags.includes("z"),
    required: model?.fields.get(row.name)?.required ?? false,
    description: model?.fields.get(row.name)?.description,
    enum: enums?.[row.name] ?? enums?.[`${row.name}[]`],
    merge: facts.merge.fields[name]?.[row.name] ?? {},
    listKeyDefaults: facts.merge.listKeyDefaults[`${name}.${row.name}`],
  }));
  const atomic = facts.merge.atomicStructs.includes(name);
  return {
    name,
    package: openApiPackage(protobufPackage),
    kind,
    description: model?.description,
    fields,
    atomic,
    protobufOnly: source.protobufOnly,
  };
}

interface FlatRow {
  readonly name: string;
  readonly flags: string;
  readonly value: Value;
}

const text: Value = { type: "scalar", name: "string" };

/** The members of a message as JSON has them: what Go inlines stands in its parent. */
function flatten(facts: Facts, protobufPackage: string, kind: string): readonly FlatRow[] {
  const rows = facts.protobuf.messages[protobufPackage]?.[kind];
  if (rows === undefined) throw new Error(`no message ${protobufPackage}.${kind}`);
  return rows.flatMap((row) => {
    const flags = row[3] ?? "";
    const type = messageType(facts, protobufPackage, row);
    if (flags.includes("i")) return flatten(facts, type.package, type.name);
    return [{ name: row[4] ?? row[0], flags, value: valueOf(facts, type, flags) }];
  });
}

interface MessageType {
  readonly package: string;
  readonly name: string;
}

function messageType(facts: Facts, protobufPackage: string, [, , type]: MessageRow): MessageType {
  if (scalars[type] !== undefined) return { package: "", name: type };
  if (type.startsWith("~")) {
    const dot = type.lastIndexOf(".");
    return { package: type.slice(1, dot), name: type.slice(dot + 1) };
  }
  const [alias = "", name] = type.split(".");
  if (name === undefined) return { package: protobufPackage, name: type };
  const aliased = facts.protobuf.aliases[alias];
  if (aliased === undefined) throw new Error(`no alias ${alias}`);
  return { package: aliased, name };
}

function valueOf(facts: Facts, type: MessageType, flags: string): Value {
  const single = singleValue(facts, type);
  if (flags.includes("r")) return { type: "list", of: single };
  if (flags.includes("m")) return { type: "map", of: single };
  return single;
}

function singleValue(facts: Facts, type: MessageType): Value {
  const name = type.package === "" ? type.name : `${openApiPackage(type.package)}.${type.name}`;
  const scalar = scalars[name];
  if (scalar !== undefined) return { type: "scalar", name: scalar };
  // Go's named []string types become messages of one list.
  if (type.name === "Verbs" || type.name === "ExtraValue") return { type: "list", of: text };
  const other = schemaOr(name);
  if (other !== undefined) return { type: "schemaOr", other };
  if (facts.protobuf.messages[type.package]?.[type.name] === undefined) throw new Error(`no message ${name}`);
  return { type: "struct", name };
}

function schemaOr(name: string): "array" | "bool" | "stringArray" | undefined {
  if (name.endsWith(".JSONSchemaPropsOrArray")) return "array";
  if (name.endsWith(".JSONSchemaPropsOrBool")) return "bool";
  if (name.endsWith(".JSONSchemaPropsOrStringArray")) return "stringArray";
  return undefined;
}

/** The answer of /version is JSON only, so that no message describes it. */
function versionInfo(facts: Facts, models: URL): Definition {
  const name = "io.k8s.apimachinery.pkg.version.Info";
  const model = readModel(models, modelName(name, facts.openApi));
  const fields = [...model.fields.values()].map((field): DefinitionField => ({
    name: field.name,
    value: text,
    pointer: false,
    omitEmpty: !field.required,
    omitZero: false,
    required: field.required,
    description: field.description,
    enum: undefined,
    merge: {},
    listKeyDefaults: undefined,
  }));
  return {
    name,
    package: "io.k8s.apimachinery.pkg.version",
    kind: "Info",
    description: model.description,
    fields,
    atomic: false,
    protobufOnly: false,
  };
}
