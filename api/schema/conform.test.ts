import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Json, JsonObject } from "../machinery/object.ts";
import { ApiError } from "../machinery/status.ts";
import { createConformer } from "./conform.ts";
import type { StructType, ValueType } from "./schema.ts";
import { builtinSchemas } from "./tables.ts";

const schemas = builtinSchemas();
const conformer = createConformer();
const pod = schemas.get("io.k8s.api.core.v1.Pod");

function printed(definition: string, value: Json): string {
  return JSON.stringify(conformer.conform(value, schemas.get(definition)).object);
}

function refusal(value: Json, definition = "io.k8s.api.core.v1.Pod"): string {
  try {
    conformer.conform(value, schemas.get(definition));
  } catch (thrown) {
    if (thrown instanceof ApiError && thrown.reason === "BadRequest") return thrown.message;
    throw thrown;
  }
  throw new Error("was accepted");
}

function one(value: ValueType, flags: { pointer?: boolean; omitEmpty?: boolean; omitZero?: boolean } = {}): StructType {
  const field = { name: "it", value, required: false, pointer: false, omitEmpty: false, omitZero: false, ...flags };
  return { name: "test.v1.One", fields: new Map([["it", field]]), atomic: false };
}

function only(
  value: ValueType,
  given: Json,
  flags: { pointer?: boolean; omitEmpty?: boolean; omitZero?: boolean } = {},
): Json | undefined {
  return conformer.conform({ it: given }, one(value, flags)).object["it"];
}

describe("zero values appear as Go's tags say", () => {
  test("a bare deployment shows its empty structs and nothing else", () => {
    expect(
      printed("io.k8s.api.apps.v1.Deployment", { spec: { template: { spec: { containers: [{ name: "a" }] } } } }),
    ).toBe(
      '{"metadata":{},"spec":{"selector":null,"template":{"metadata":{},"spec":{"containers":[{"name":"a","resources":{}}]}},"strategy":{}},"status":{}}',
    );
  });

  test("a false that is no pointer is gone, one that is a pointer stays", () => {
    expect(
      printed("io.k8s.api.core.v1.PodSpec", { hostNetwork: false, enableServiceLinks: false, containers: [] }),
    ).toBe('{"containers":null,"enableServiceLinks":false}');
  });

  test("unset times of events and conditions are null", () => {
    expect(printed("io.k8s.api.core.v1.PodCondition", { type: "Ready", status: "True" })).toBe(
      '{"type":"Ready","status":"True","lastProbeTime":null,"lastTransitionTime":null}',
    );
  });

  test("creationTimestamp is left out when unset, null or Go's zero time", () => {
    for (const creationTimestamp of [null, "0001-01-01T00:00:00Z"]) {
      expect(printed("io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta", { name: "a", creationTimestamp })).toBe(
        '{"name":"a"}',
      );
    }
  });

  test("rules of a role are null when there are none", () => {
    expect(printed("io.k8s.api.rbac.v1.Role", { rules: [] })).toBe('{"metadata":{},"rules":null}');
  });

  test("a struct with omitzero is left out when all in it is zero", () => {
    const inner: ValueType = { type: "struct", of: one({ type: "string" }, { omitEmpty: false }) };
    expect(only(inner, { it: "" }, { omitZero: true })).toBeUndefined();
    expect(only(inner, { it: "x" }, { omitZero: true })).toEqual({ it: "x" });
    expect(only(inner, { it: "" })).toEqual({ it: "" });
  });

  test("null in lists and maps is the zero value", () => {
    expect(printed("io.k8s.api.core.v1.ConfigMap", { data: { a: null } })).toBe('{"metadata":{},"data":{"a":""}}');
    expect(printed("io.k8s.api.core.v1.Secret", { data: { a: null } })).toBe('{"metadata":{},"data":{"a":""}}');
    expect(only({ type: "list", of: { type: "boolean" } }, [null, true])).toEqual([false, true]);
  });
});

describe("order", () => {
  test("members stand as in the Go struct", () => {
    expect(
      printed("io.k8s.api.core.v1.ConfigMap", {
        data: { b: "2", a: "1" },
        metadata: { name: "x" },
        apiVersion: "v1",
        kind: "ConfigMap",
      }),
    ).toBe('{"kind":"ConfigMap","apiVersion":"v1","metadata":{"name":"x"},"data":{"a":"1","b":"2"}}');
  });

  test("odd keys of maps are data", () => {
    const text = '{"metadata":{},"data":{"__proto__":"a","constructor":"b","toString":"c"}}';
    // Parsed, for in a literal `__proto__` is no key.
    const value: Json = JSON.parse(text);
    expect(printed("io.k8s.api.core.v1.ConfigMap", value)).toBe(text);
  });
});

describe("unknown fields", () => {
  test("are dropped and reported by path in the input's order", () => {
    const { object, unknown } = conformer.conform(
      { spec: { containers: [{ name: "a", foo: 1, ports: [{ bar: 2, containerPort: 1 }] }], Volumes: [] }, zzz: {} },
      pod,
    );
    expect(unknown).toEqual(["spec.containers[0].foo", "spec.containers[0].ports[0].bar", "spec.Volumes", "zzz"]);
    expect(JSON.stringify(object)).not.toMatch(/foo|bar|Volumes|zzz/);
  });

  test("named like members of every object are unknown, not inherited", () => {
    expect(conformer.conform({ constructor: 1 }, pod).unknown).toEqual(["constructor"]);
    expect(conformer.conform(JSON.parse('{"__proto__":{"spec":1}}'), pod).unknown).toEqual(["__proto__"]);
  });

  test("go through map keys, and are not looked for in the unions of JSON schema", () => {
    const definition = schemas.get("io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSONSchemaProps");
    expect(conformer.conform({ properties: { a: { foo: 1 } }, items: { foo: 1 } }, definition).unknown).toEqual([
      "properties.a.foo",
    ]);
  });
});

describe("refusals have Go's words", () => {
  const start = 'Pod in version "v1" cannot be handled as a Pod: ';
  test.each<[string, JsonObject, string]>([
    [
      "a string for a list",
      { spec: { containers: "a" } },
      "json: cannot unmarshal string into Go struct field PodSpec.spec.containers of type []v1.Container",
    ],
    [
      "a number for a string",
      { spec: { containers: [{ env: [{ name: "A", value: 1 }] }] } },
      "json: cannot unmarshal number into Go struct field EnvVar.spec.containers.env.value of type string",
    ],
    [
      "a number in a map of strings",
      { metadata: { labels: { a: 1 } } },
      "json: cannot unmarshal number into Go struct field ObjectMeta.metadata.labels of type string",
    ],
    [
      "a fraction for an integer",
      { spec: { priority: 1.5 } },
      "json: cannot unmarshal number 1.5 into Go struct field PodSpec.spec.priority of type int32",
    ],
    [
      "an integer beyond int32",
      { spec: { priority: 2147483648 } },
      "json: cannot unmarshal number 2147483648 into Go struct field PodSpec.spec.priority of type int32",
    ],
    [
      "a bool for an object",
      { spec: true },
      "json: cannot unmarshal bool into Go struct field Pod.spec of type v1.PodSpec",
    ],
    [
      "an object for a number or string",
      { spec: { containers: [{ livenessProbe: { httpGet: { port: {} } } }] } },
      "json: cannot unmarshal object into Go struct field HTTPGetAction.spec.containers.livenessProbe.httpGet.port of type int32",
    ],
    [
      "an odd quantity",
      { spec: { overhead: { cpu: "x" } } },
      "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'",
    ],
    [
      "an odd time",
      { metadata: { creationTimestamp: "now" } },
      'parsing time "now" as "2006-01-02T15:04:05Z07:00": cannot parse "now" as "2006"',
    ],
  ])("%s", (_, value, message) => {
    expect(refusal(value)).toBe(start + message);
  });

  test("the first fault in the input's order is told", () => {
    expect(refusal({ status: 1, spec: 2 })).toContain("field Pod.status of");
    expect(refusal({ spec: 2, status: 1 })).toContain("field Pod.spec of");
  });

  test("what is no object at all", () => {
    expect(refusal([])).toBe(`${start}json: cannot unmarshal array into Go value of type v1.Pod`);
  });

  test("bytes that are not base64", () => {
    expect(refusal({ data: { a: "****" } }, "io.k8s.api.core.v1.Secret")).toBe(
      'Secret in version "v1" cannot be handled as a Secret: illegal base64 data at input byte 0',
    );
  });

  test("a schema nested too deep", () => {
    let schema: JsonObject = {};
    for (let depth = 0; depth < 20_000; depth++) schema = { not: schema };
    const definition = schemas.get("io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSONSchemaProps");
    expect(() => conformer.conform(schema, definition)).toThrow("exceeded max depth");
  });
});

describe("canonical texts", () => {
  test.each<[ValueType["type"], Json, Json]>([
    ["quantity", "1000m", "1"],
    ["quantity", "1024Mi", "1Gi"],
    ["quantity", 0.5, "500m"],
    ["time", "2026-01-02T03:04:05.678+02:00", "2026-01-02T01:04:05Z"],
    ["time", "2024-02-29T23:59:59Z", "2024-02-29T23:59:59Z"],
    ["microTime", "2026-01-02T03:04:05.123456+02:00", "2026-01-02T01:04:05.123456Z"],
    ["duration", "90m", "1h30m0s"],
    ["duration", "1.5ms", "1.5ms"],
    ["bytes", "YWI=", "YWI="],
    ["bytes", "YWJj\nZA==", "YWJjZA=="],
  ])("%s %j → %j", (type, given, expected) => {
    expect(only({ type } as ValueType, given)).toBe(expected);
  });

  test.each(["2026-02-30T00:00:00Z", "2026-01-01T24:00:00Z", "2026-01-01", "2026-01-01T00:00:00"])(
    "%s is no time",
    (text) => {
      expect(() => only({ type: "time" }, text)).toThrow("parsing time");
    },
  );

  test("a micro time needs its six digits", () => {
    expect(() => only({ type: "microTime" }, "2026-01-01T00:00:00Z")).toThrow('cannot parse "Z" as ".000000"');
  });

  test("large integers survive", () => {
    expect(only({ type: "integer", bits: 64 }, 9223372036854775807n)).toBe(9223372036854775807n);
    expect(only({ type: "integer", bits: 64 }, 5n)).toBe(5);
    expect(() => only({ type: "integer", bits: 64 }, 9223372036854775808n)).toThrow("number 9223372036854775808");
  });
});

const kinds = [
  "core.v1.Pod",
  "apps.v1.Deployment",
  "core.v1.Secret",
  "core.v1.Service",
  "autoscaling.v2.HorizontalPodAutoscaler",
  "core.v1.Event",
];
const someKind = fc.constantFrom(...kinds).map((kind) => schemas.get(`io.k8s.api.${kind}`));
const leaf: fc.Arbitrary<Json> = fc.oneof(
  fc.constantFrom<Json>(
    null,
    "",
    "a",
    "1Gi",
    "2026-01-01T00:00:00Z",
    "YQ==",
    0,
    -0,
    1,
    1.5,
    1e300,
    2n ** 70n,
    true,
    false,
    [],
    {},
  ),
  fc.string(),
);

/** JSON that fits a type mostly, and sometimes not. */
function jsonFor(type: ValueType, depth: number): fc.Arbitrary<Json> {
  const fitting = ((): fc.Arbitrary<Json> => {
    switch (type.type) {
      case "struct":
        return depth === 0 ? fc.constant({}) : objectFor(type.of, depth);
      case "list":
        return fc.array(jsonFor(type.of, depth), { maxLength: 2 });
      case "map":
        return fc.dictionary(fc.constantFrom("a", "b", "constructor", "__proto__"), jsonFor(type.of, depth), {
          maxKeys: 3,
        });
      case "boolean":
        return fc.boolean();
      case "integer":
        return fc.integer({ min: 0, max: 9 });
      case "quantity":
        return fc.constantFrom("1", "1000m", "0.5", "1Ki", "1e3");
      case "time":
        return fc.constantFrom("2026-01-01T00:00:00Z", "2026-01-01T00:00:00.5+01:00");
      case "bytes":
        return fc.constantFrom("YQ==", "");
      default:
        return fc.constantFrom("", "a");
    }
  })();
  return fc.oneof({ weight: 30, arbitrary: fitting }, { weight: 1, arbitrary: leaf });
}

function objectFor(type: StructType, depth: number): fc.Arbitrary<JsonObject> {
  const fields = [...type.fields.values()];
  return fc.array(fc.constantFrom(...fields), { maxLength: 4 }).chain((chosen) => {
    const members = chosen.map((field) => fc.tuple(fc.constant(field.name), jsonFor(field.value, depth - 1)));
    return fc.tuple(...members).map((entries) => Object.fromEntries(entries));
  });
}

describe("for any input", () => {
  test("conforming throws nothing but BadRequest, and is idempotent", () => {
    const sample = someKind.chain((type) =>
      fc.tuple(
        fc.constant(type),
        fc.oneof({ weight: 9, arbitrary: objectFor(type, 5) }, { weight: 1, arbitrary: leaf }),
      ),
    );
    let accepted = 0;
    fc.assert(
      fc.property(sample, ([type, value]) => {
        let first: JsonObject;
        try {
          first = conformer.conform(value, type).object;
        } catch (thrown) {
          expect(thrown).toBeInstanceOf(ApiError);
          return;
        }
        accepted++;
        const again = conformer.conform(first, type);
        expect(again.unknown).toEqual([]);
        expect(Object.keys(again.object)).toEqual(Object.keys(first));
        expect(again.object).toEqual(first);
      }),
      { numRuns: 500 },
    );
    expect(accepted).toBeGreaterThan(100);
  });
});

describe("what is known to be conformed", () => {
  const known = conformer.conform(
    { metadata: { name: "a" }, spec: { containers: [{ name: "c", image: "i" }], nodeName: "n" }, status: {} },
    pod,
  ).object;

  test("stays the same object, and the rest is conformed", () => {
    const changed = { status: { podIP: "1.2.3.4", phase: "Running", extra: 1 }, spec: known["spec"] ?? null };
    const { object, unknown } = conformer.conform(changed, pod, {}, known);
    expect(object["spec"]).toBe(known["spec"]);
    expect(JSON.stringify(object)).toBe(JSON.stringify(conformer.conform(changed, pod).object));
    expect(unknown).toEqual(["status.extra"]);
  });

  test("is taken by identity only, at every depth", () => {
    const copy = JSON.parse(JSON.stringify(known)) as JsonObject;
    expect(conformer.conform(copy, pod, {}, known).object["spec"]).not.toBe(known["spec"]);
    const spec = { ...(known["spec"] as JsonObject), nodeName: "other" };
    const { object } = conformer.conform({ ...known, spec }, pod, {}, known);
    expect((object["spec"] as JsonObject)["containers"]).toBe((known["spec"] as JsonObject)["containers"]);
    expect((object["spec"] as JsonObject)["nodeName"]).toBe("other");
  });
});
