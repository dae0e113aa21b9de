import type { CelField, CelObjectType, CelType } from "../cel.ts";
import { traversal } from "../cost/factors.ts";
import { declare, type Declaration } from "./declare.ts";
import { asText } from "./overload.ts";
import { inProportion } from "./sizes.ts";

/**
 * What mutating admission policies make: `Object{spec: Object.spec{…}}` and `JSONPatch{op: …}`.
 * https://kubernetes.io/docs/reference/access-authn-authz/mutating-admission-policy/
 */
export const objectTypeName = "Object";

const patchFields: ReadonlyMap<string, CelField> = new Map(
  (["op", "path", "from", "value"] as const).map((name) => [
    name,
    { type: { type: name === "value" ? "dyn" : "string" }, jsonName: name },
  ]),
);

const patchType: CelObjectType = { name: "JSONPatch", field: (name) => patchFields.get(name) };

/** An apply configuration's fields may hold anything. */
function objectType(name: string): CelObjectType {
  return { name, field: (field) => ({ type: { type: "dyn" }, jsonName: field }) };
}

/** Undefined: no such type. */
export function mutationStruct(name: string): CelType | undefined {
  if (name === patchType.name) return { type: "object", of: patchType };
  if (name !== objectTypeName && !name.startsWith(`${objectTypeName}.`)) return undefined;
  return { type: "object", of: objectType(name) };
}

/** What expressions of the two kinds of mutations must evaluate to. */
export const applyConfigurationType: CelType = { type: "object", of: objectType(objectTypeName) };
export const jsonPatchesType: CelType = { type: "list", of: { type: "object", of: patchType } };

/** RFC 6901 */
function escapeKey(key: string): string {
  return key.replaceAll("~", "~0").replaceAll("/", "~1");
}

export const mutations: readonly Declaration[] = [
  declare(
    "jsonpatch.escapeKey(string): string",
    (a) => escapeKey(asText(a)),
    inProportion(0, traversal, (size) => size),
  ),
];
