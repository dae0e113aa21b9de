import type { FieldError } from "../../api/machinery/field-error.ts";
import type { DeepReadonly, Json, JsonObject, KubeObject } from "../../api/machinery/object.ts";
import { stringifyJson } from "../../api/machinery/json.ts";
import { ApiError } from "../../api/machinery/status.ts";
import type { MergeType } from "../../api/schema/merge-type.ts";
import type { StructType } from "../../api/schema/schema.ts";
import type { ResourceRow, ServedVersion } from "../../api/resource.ts";
import type { Conversion } from "./conversion.ts";

/** What a served version needs of the schema machinery; made from its definition, or from a custom resource's schema. */
export interface VersionCodec {
  /** What strategic merge patches are guided by; custom resources have none. */
  readonly type: StructType | undefined;
  /** What server-side apply is guided by. */
  readonly merge: MergeType;
  /**
   * The object as Go's typed struct would hold it; unknown fields by path. Throws ApiError for wrong types. What `value`
   * shares with `known`, which is conformed already, the result may share as well.
   */
  conform(value: Json, known?: DeepReadonly<KubeObject>): { object: KubeObject; unknown: readonly string[] };
  /** Fills in defaults in place. */
  default(object: KubeObject): void;
  /** What the schema itself demands: required fields, enums. */
  validate(object: DeepReadonly<KubeObject>): readonly FieldError[];
  /** Instead of `validate` on an update, where that depends on the old object: ratcheting, transition rules. */
  validateUpdate?(object: DeepReadonly<KubeObject>, old: DeepReadonly<KubeObject>): readonly FieldError[];
}

export interface KindVersion extends VersionCodec {
  readonly served: ServedVersion;
  readonly apiVersion: string;
}

/** A registry row with its compiled codecs: what the server handles instead of the bare row. */
export interface Kind {
  readonly row: ResourceRow;
  readonly hub: KindVersion;
  /** By apiVersion (`apps/v1`, `v1`). */
  readonly versions: ReadonlyMap<string, KindVersion>;
  /** The hub's object when nothing was sent: Go's zero values. Made when it is first asked for. */
  readonly blank: DeepReadonly<KubeObject>;
  /** Of custom kinds only. */
  readonly conversion?: Conversion;
}

export function apiVersionOf(group: string, version: string): string {
  return group === "" ? version : `${group}/${version}`;
}

/** `conversion` makes the kind a custom one: its objects are handled in the version that a request names. */
export function createKind(
  row: ResourceRow,
  codecOf: (served: ServedVersion, row: ResourceRow) => VersionCodec,
  conversion?: Conversion,
): Kind {
  const versions = new Map<string, KindVersion>();
  for (const served of row.served) {
    const apiVersion = apiVersionOf(served.group, served.version);
    versions.set(apiVersion, { served, apiVersion, ...codecOf(served, row) });
  }
  const hub = versions.get(apiVersionOf(row.group, row.version));
  if (hub === undefined) throw new Error(`${row.plural}: the hub version is not among the served ones`);
  let blank: DeepReadonly<KubeObject> | undefined;
  return {
    row,
    hub,
    versions,
    get blank() {
      return (blank ??= hub.conform({}).object);
    },
    ...(conversion === undefined ? {} : { conversion }),
  };
}

/** The version in which hooks, admission and validation see an object that is asked for in `requested`. */
export function workingVersion(kind: Kind, requested: KindVersion): KindVersion {
  return kind.conversion === undefined ? kind.hub : requested;
}

/**
 * What a client sent in `version`, as the working version has it: conformed, defaulted, converted. `known` is in `version`,
 * and what it shares with `value` has all of that behind it.
 */
export function decode(
  kind: Kind,
  version: KindVersion,
  value: Json,
  known?: DeepReadonly<KubeObject>,
): { object: KubeObject; unknown: readonly string[] } {
  const conformed = version.conform(value, known);
  version.default(conformed.object);
  return { object: toHub(kind, version, conformed.object), unknown: conformed.unknown };
}

/** A built-in kind's object of another version, as the hub has it. */
export function toHub(kind: Kind, version: KindVersion, object: KubeObject): KubeObject {
  if (version.served.toHub === undefined) return object;
  const converted = version.served.toHub(object);
  converted.apiVersion = kind.hub.apiVersion;
  // The versions differ in which zero values they show.
  const conformed = kind.hub.conform(converted as Json).object;
  kind.hub.default(conformed);
  return conformed;
}

/** A built-in kind's object as `version` serves it. The hub's own is handed out as it is. */
export function fromHub(version: KindVersion, object: DeepReadonly<KubeObject>): DeepReadonly<KubeObject> {
  if (version.served.fromHub === undefined) return object;
  return version.conform({ ...version.served.fromHub(object), apiVersion: version.apiVersion } as unknown as Json)
    .object;
}

/** The body must be an object of the kind and version that the URL names; what it leaves out is filled in. */
export function settleTypeMeta(kind: Kind, version: KindVersion, value: Json): asserts value is JsonObject {
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw new ApiError(
      "BadRequest",
      `${kind.row.kind} in version "${version.served.version}" cannot be handled as a ${kind.row.kind}: the body must be an object`,
    );
  const sentKind = textOr("", value["kind"]);
  const sentVersion = textOr("", value["apiVersion"]);
  if (sentKind !== "" && sentKind !== kind.row.kind)
    throw new ApiError(
      "BadRequest",
      `${sentKind} in version ${JSON.stringify(sentVersion.split("/").at(-1))} cannot be handled as a ${kind.row.kind}: the object provided is unrecognized (must be of type ${kind.row.kind})`,
    );
  if (sentVersion !== "" && sentVersion !== version.apiVersion)
    throw new ApiError(
      "BadRequest",
      `the API version in the data (${sentVersion}) does not match the expected API version (${version.apiVersion})`,
    );
  value["kind"] = kind.row.kind;
  value["apiVersion"] = version.apiVersion;
}

/** What is no text is shown as JSON: it matches nothing. */
function textOr(unset: string, value: Json | undefined): string {
  if (value === undefined || value === null) return unset;
  return typeof value === "string" ? value : stringifyJson(value);
}
