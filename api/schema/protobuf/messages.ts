import { getOwn } from "../../machinery/members.ts";
import { type Field, message, type Message, messageType } from "./message.ts";
import { rawJson } from "./raw.ts";
import { type SchemaUnion, schemaUnionType } from "./schema-union.ts";
import { microTime, time } from "./time.ts";
import { boolean, bytes, double, int32, int64, string, type WireType } from "./wire-type.ts";
import { duration, intOrString, quantity, stringList } from "./wrapped.ts";

/** [name, number, type, flags, JSON key]: one field of api/facts/protobuf.json, whose legend explains the flags. */
export type FieldRow = readonly [name: string, number: number, type: string, flags?: string, jsonName?: string];

/** What is used of api/facts/protobuf.json. */
export interface ProtobufTable {
  readonly aliases: Readonly<Record<string, string>>;
  /** Package → message → fields. */
  readonly messages: Readonly<Record<string, Readonly<Record<string, readonly FieldRow[]>>>>;
  /** `apps/v1` → package. */
  readonly groupVersions: Readonly<Record<string, string>>;
}

export interface Messages {
  /** By full name, such as `k8s.io.api.core.v1.Pod`. */
  get(fullName: string): Message;
  has(fullName: string): boolean;
}

const scalars: ReadonlyMap<string, WireType> = new Map([
  ["string", string],
  ["bool", boolean],
  ["int32", int32],
  ["int64", int64],
  ["double", double],
  ["bytes", bytes],
]);

const metaPackage = "k8s.io.apimachinery.pkg.apis.meta.v1";
const wellKnown: ReadonlyMap<string, WireType> = new Map([
  ["k8s.io.apimachinery.pkg.api.resource.Quantity", quantity],
  ["k8s.io.apimachinery.pkg.util.intstr.IntOrString", intOrString],
  [`${metaPackage}.Time`, time],
  [`${metaPackage}.MicroTime`, microTime],
  [`${metaPackage}.Duration`, duration],
  [`${metaPackage}.Verbs`, stringList],
  [`${metaPackage}.FieldsV1`, rawJson],
]);

const extensionTypes = /^k8s\.io\.apiextensions_apiserver\..*\.(JSON|JSONSchemaPropsOr(?:Array|Bool|StringArray))$/;

/** Message descriptors, each built when it is first met: a process that speaks of pods never builds the other thousand. */
export function createMessages(table: ProtobufTable, rawExtension: WireType): Messages {
  const built = new Map<string, Message>();
  const rowsOf = (fullName: string): readonly FieldRow[] | undefined => {
    const dot = fullName.lastIndexOf(".");
    const messages = getOwn(table.messages, fullName.slice(0, dot));
    return messages === undefined ? undefined : getOwn(messages, fullName.slice(dot + 1));
  };

  const get = (fullName: string): Message => {
    const known = built.get(fullName);
    if (known !== undefined) return known;
    const rows = rowsOf(fullName);
    if (rows === undefined) throw new Error(`no protobuf message ${fullName}`);
    const packageName = fullName.slice(0, fullName.lastIndexOf("."));
    const made = message(
      fullName,
      rows.map((row) => field(row, typeOf(fullTypeName(row[2], packageName, table.aliases)))),
    );
    built.set(fullName, made);
    return made;
  };

  const typeOf = (name: string): WireType => {
    const known = scalars.get(name) ?? wellKnown.get(name);
    if (known !== undefined) return known;
    if (name === "k8s.io.apimachinery.pkg.runtime.RawExtension") return rawExtension;
    if (name.endsWith(".ExtraValue")) return stringList;
    const extension = extensionTypes.exec(name)?.[1];
    if (extension === "JSON") return rawJson;
    if (isSchemaUnion(extension)) return schemaUnionType(extension, () => get(name));
    return messageType(() => get(name));
  };

  return { get, has: (fullName) => rowsOf(fullName) !== undefined };
}

function isSchemaUnion(name: string | undefined): name is SchemaUnion {
  return name?.startsWith("JSONSchemaPropsOr") === true;
}

/** `string` stays, `Name` is of the same package, `m.Name` of an aliased one, `~full.Name` is itself. */
function fullTypeName(type: string, packageName: string, aliases: ProtobufTable["aliases"]): string {
  if (scalars.has(type)) return type;
  if (type.startsWith("~")) return type.slice(1);
  const [first = "", second] = type.split(".");
  return second === undefined ? `${packageName}.${first}` : `${aliases[first]}.${second}`;
}

function field([name, number, , flags = "", jsonName]: FieldRow, type: WireType): Field {
  const repeated = flags.includes("r");
  const map = flags.includes("m");
  const optional = repeated || map || flags.includes("p") || type === bytes || type === stringList;
  const omitEmpty = flags.includes("o");
  return {
    name: jsonName ?? name,
    number,
    type,
    shape: repeated ? "list" : map ? "map" : flags.includes("i") ? "inline" : "single",
    optional,
    absent: !optional ? "zero" : omitEmpty ? "none" : "null",
    dropZero: flags.includes("z") || (omitEmpty && type.scalar && !(repeated || map || flags.includes("p"))),
  };
}
