/**
 * What a custom resource looks like: a version's `openAPIV3Schema` without what only people read. Definitions can be
 * over a megabyte and repeat themselves (a pod's template in ten places), so equal schemas are one object.
 * https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#specifying-a-structural-schema
 */
import type { DeepReadonly, Json } from "../../machinery/object.ts";

export interface Structural {
  /** Empty: any type, as `preserveUnknown` or `intOrString` say. */
  readonly type: string;
  readonly nullable: boolean;
  readonly preserveUnknown: boolean;
  /** A Kubernetes object of its own, with apiVersion, kind and metadata. */
  readonly embedded: boolean;
  readonly intOrString: boolean;
  readonly properties: ReadonlyMap<string, Structural> | undefined;
  /** Of all members without a property; true: they may be anything, false: there are none. */
  readonly additional: Structural | boolean | undefined;
  readonly items: Structural | undefined;
  /** Never null. */
  readonly default: DeepReadonly<Json> | undefined;
  readonly list: ListShape | undefined;
  readonly mapType: string | undefined;
  readonly values: ValueRules | undefined;
  readonly rules: readonly ValidationRule[] | undefined;
  /** What there is in here or anywhere below: walks skip the rest. */
  readonly holds: Holdings;
}

export interface Holdings {
  readonly defaults: boolean;
  readonly rules: boolean;
  /** Lists whose items must differ. */
  readonly uniqueLists: boolean;
  readonly embedded: boolean;
}

export interface ListShape {
  readonly type: string;
  readonly keys: readonly string[];
}

/** Demands on values, by the sort of value that each speaks of. */
export interface ValueRules {
  readonly format?: string;
  readonly enum?: readonly DeepReadonly<Json>[];
  readonly text?: TextRules;
  readonly number?: NumberRules;
  readonly list?: SizeRules;
  readonly object?: SizeRules & { readonly required?: readonly string[] };
  readonly allOf?: readonly Structural[];
  readonly anyOf?: readonly Structural[];
  readonly oneOf?: readonly Structural[];
  readonly not?: Structural;
}

export interface SizeRules {
  readonly least?: number;
  readonly most?: number;
}

/** Sizes in code points. */
export interface TextRules extends SizeRules {
  readonly pattern?: string;
}

export interface NumberRules {
  readonly minimum?: number | bigint;
  readonly exclusiveMinimum?: boolean;
  readonly maximum?: number | bigint;
  readonly exclusiveMaximum?: boolean;
  readonly multipleOf?: number | bigint;
}

/** https://kubernetes.io/docs/reference/kubernetes-api/extend-resources/custom-resource-definition-v1/ */
export interface ValidationRule {
  readonly rule: string;
  readonly message?: string;
  readonly messageExpression?: string;
  readonly reason?: string;
  readonly fieldPath?: string;
  readonly optionalOldSelf?: boolean;
}

/** The schema of members that have no property of their own. */
export function additionalSchema(schema: Structural | undefined): Structural | undefined {
  const additional = schema?.additional;
  return typeof additional === "object" ? additional : undefined;
}

/** The schema of the member `key`. */
export function memberSchema(schema: Structural | undefined, key: string): Structural | undefined {
  return schema?.properties?.get(key) ?? additionalSchema(schema);
}
