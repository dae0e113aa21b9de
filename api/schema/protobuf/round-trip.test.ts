import fc, { type GeneratorValue } from "fast-check";
import { describe, expect, test } from "vitest";
import table from "../../facts/protobuf.json" with { type: "json" };
import resources from "../../facts/resources.json" with { type: "json" };
import type { Json, JsonObject } from "../../machinery/object.ts";
import { decodeProtobuf } from "./decode.ts";
import { encodeProtobuf } from "./encode.ts";
import { hasProtobuf } from "./kinds.ts";
import type { FieldRow, ProtobufTable } from "./messages.ts";

const { messages, aliases, groupVersions } = table as unknown as ProtobufTable;

interface KindCase {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
}

/** Every kind and list of every built-in resource, and the kinds of their subresources. */
const kinds: readonly KindCase[] = resources.resources.flatMap((resource) => {
  const { group, version, kind } = resource;
  const list = "listKind" in resource && resource.listKind !== undefined ? [resource.listKind] : [];
  const own = [kind, ...list].map((name) => ({ group, version, kind: name }));
  const subresources = "subresources" in resource ? (resource.subresources ?? []) : [];
  return [...own, ...subresources];
});
const distinct = [...new Map(kinds.map((of) => [`${of.group}/${of.version} ${of.kind}`, of])).entries()];

const text = fc.oneof(
  fc.string({ minLength: 1 }),
  fc.constantFrom("__proto__", "constructor", "日本", "x".repeat(200)),
);
const int64 = fc.oneof(fc.integer(), fc.maxSafeInteger(), fc.constantFrom(2n ** 63n - 1n, -(2n ** 63n), 2n ** 53n));
const seconds = fc.integer({ min: -62_135_596_799, max: 253_402_300_799 });

function iso(at: number): string {
  return new Date(at * 1000).toISOString().slice(0, 19);
}

const json: fc.Arbitrary<Json> = fc.oneof(
  fc.constant<Json>({ a: [1, null, { "": true }] }),
  fc.constant<Json>({ big: 2n ** 60n }),
  fc.dictionary(fc.string(), fc.constantFrom<Json>(1, "x", false, [])).map((made) => ({ ...made })),
);

const scalars: Readonly<Record<string, fc.Arbitrary<Json>>> = {
  string: text,
  bool: fc.constant(true),
  int32: fc.oneof(fc.integer({ min: 1 }), fc.integer({ max: -1 })),
  int64: int64.filter((value) => value !== 0),
  double: fc.double({ noNaN: true, noDefaultInfinity: true }).filter((value) => value !== 0),
  bytes: fc.uint8Array({ minLength: 1 }).map((made) => Buffer.from(made).toString("base64")),
};

const wellKnown: Readonly<Record<string, fc.Arbitrary<Json>>> = {
  Time: seconds.map((at) => `${iso(at)}Z`),
  MicroTime: fc.tuple(seconds, fc.nat(999_999)).map(([at, micros]) => `${iso(at)}.${String(micros).padStart(6, "0")}Z`),
  Quantity: fc.constantFrom("0", "1", "1500m", "2Gi", "1536Mi", "100n", "-5"),
  IntOrString: fc.oneof(fc.integer(), fc.string()),
  RawExtension: json,
  FieldsV1: json,
  JSON: json,
  Verbs: fc.array(fc.string()),
  ExtraValue: fc.array(fc.string()),
  Duration: fc.constantFrom("0s", "1h0m0s", "1.5s", "20ms", "-3µs"),
};

/**
 * A value of the type as Go prints one, by the rules in the facts' legend. Zero values are `zeroable` wherever Go
 * prints them.
 */
function value(gen: GeneratorValue, type: string, packageName: string, depth: number, zeroable: boolean): Json {
  const scalar = scalars[type];
  const zero: Json | undefined = type === "string" ? "" : type === "bool" ? false : type === "bytes" ? undefined : 0;
  if (scalar !== undefined) return zeroable && zero !== undefined && gen(fc.boolean) ? zero : gen(() => scalar);
  const [first = "", second] = type.split(".");
  const fullName = type.startsWith("~")
    ? type.slice(1)
    : second === undefined
      ? `${packageName}.${first}`
      : `${aliases[first]}.${second}`;
  const name = fullName.slice(fullName.lastIndexOf(".") + 1);
  const home = fullName.slice(0, fullName.lastIndexOf("."));
  const known = wellKnown[name];
  if (known !== undefined) return gen(() => known);
  if (name.startsWith("JSONSchemaPropsOr")) {
    if (gen(fc.boolean)) return { type: "string" };
    return name === "JSONSchemaPropsOrBool"
      ? gen(fc.boolean)
      : name === "JSONSchemaPropsOrArray"
        ? [{ title: "t" }]
        : ["x", ""];
  }
  return object(gen, home, name, depth);
}

function object(gen: GeneratorValue, packageName: string, name: string, depth: number): JsonObject {
  const made: JsonObject = {};
  for (const [fieldName, , type, flags = "", jsonName] of messages[packageName]?.[name] ?? ([] as FieldRow[])) {
    const key = jsonName ?? fieldName;
    const omitted = flags.includes("o");
    const optional = /[rmp]/.test(flags) || type === "bytes";
    const inline = flags.includes("i");
    const scalar = scalars[type] !== undefined;
    if ((optional && (depth > 4 || gen(fc.boolean))) || (scalar && omitted && !optional && gen(fc.boolean))) {
      if (!omitted) made[key] = optional ? null : (value(gen, type, packageName, depth, true) as Json);
      continue;
    }
    const one = (): Json => value(gen, type, packageName, depth + 1, !omitted || optional);
    if (inline) Object.assign(made, one());
    else if (flags.includes("r")) made[key] = Array.from({ length: gen(fc.integer, { min: 1, max: 3 }) }, one);
    else if (flags.includes("m"))
      made[key] = Object.fromEntries(
        gen(fc.array, text, { minLength: 1, maxLength: 3 }).map((entry) => [entry, one()]),
      );
    else made[key] = one();
  }
  return made;
}

function homeOf({ group, version, kind }: KindCase): string {
  const home = groupVersions[group === "" ? version : `${group}/${version}`] ?? "";
  return messages[home]?.[kind] === undefined ? aliases["m"]! : home;
}

describe("every built-in kind", () => {
  test.each(distinct)("%s", (_, of) => {
    const { group, version, kind } = of;
    expect(hasProtobuf(group, version, kind)).toBe(true);
    const apiVersion = group === "" ? version : `${group}/${version}`;
    fc.assert(
      fc.property(fc.gen(), (gen) => {
        const made = { kind, apiVersion, ...object(gen, homeOf(of), kind, 0) };
        expect(decodeProtobuf(encodeProtobuf(made))).toEqual(made);
      }),
      { numRuns: 5 },
    );
  });
});

test("the kinds that only bodies and answers have", () => {
  for (const kind of ["Status", "DeleteOptions", "List", "APIResourceList"])
    expect(hasProtobuf("", "v1", kind), kind).toBe(true);
});
