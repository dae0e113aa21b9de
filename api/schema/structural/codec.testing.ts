import { describeFieldError, type FieldError } from "../../machinery/field-error.ts";
import type { DeepReadonly, Json, KubeObject } from "../../machinery/object.ts";
import { createRegularExpressions } from "../../machinery/regular-expression.ts";
import { createConformer } from "../conform.ts";
import { builtinSchemas } from "../tables.ts";
import { createStructuralCodec, type RuleChecker, type StructuralCodec } from "./codec.ts";
import { parseStructural, type SchemaProps } from "./parse.ts";

/** The codec of a kind `Boat` in version `v1` whose `spec` has this schema. */
export function boatCodec(spec: SchemaProps, rules?: RuleChecker): StructuralCodec {
  return rootCodec({ type: "object", properties: { spec } }, rules);
}

export function rootCodec(schema: SchemaProps, rules?: RuleChecker): StructuralCodec {
  return createStructuralCodec({
    schema: parseStructural(schema),
    version: "v1",
    kind: "Boat",
    ...(rules === undefined ? {} : { rules }),
    patterns: createRegularExpressions(),
    objectMeta: {
      conformer: createConformer(),
      type: builtinSchemas().get("io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta"),
      merge: { type: "untyped" },
    },
  });
}

export function boat(spec: DeepReadonly<Json>): DeepReadonly<KubeObject> {
  return { apiVersion: "example.com/v1", kind: "Boat", metadata: { name: "a" }, ...{ spec } };
}

/** `spec.x: Required value` */
export function said(findings: readonly FieldError[]): string[] {
  return findings.map((one) => `${one.field}: ${describeFieldError(one)}`);
}
