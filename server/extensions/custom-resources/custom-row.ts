import { compileJsonPath } from "../../../api/machinery/json-path.ts";
import { deepClone } from "../../../api/machinery/clone.ts";
import type { DeepReadonly, JsonObject, KubeObject } from "../../../api/machinery/object.ts";
import { ApiError } from "../../../api/machinery/status.ts";
import {
  defineResource,
  type ResourceDefinition,
  type ResourceRow,
  type ScalePaths,
  type ServedVersion,
  type SubresourceDefinition,
} from "../../../api/resource.ts";
import { deprecationOf } from "./deprecation.ts";
import { finalizerWarnings } from "./finalizer-warnings.ts";
import { servedNames, storageVersionOf, type DefinitionSummary, type VersionSummary } from "./definition-summary.ts";
import { tableOf } from "./printer-columns.ts";
import { validateScale } from "./scale-validation.ts";
import { storageVersionHash } from "./storage-version-hash.ts";

/** What a definition publishes as `example.com/v1, Kind=Boat` in OpenAPI: `com.example.v1.Boat`. */
export function definitionName(group: string, version: string, kind: string): string {
  return `${group.split(".").toReversed().join(".")}.${version}.${kind}`;
}

export function servedVersion(summary: DefinitionSummary, version: VersionSummary): ServedVersion {
  const { group } = summary.spec;
  const deprecation = deprecationOf(summary, version);
  return {
    group,
    version: version.name,
    definition: definitionName(group, version.name, servedNames(summary).kind),
    table: tableOf(version.additionalPrinterColumns),
    ...(deprecation === undefined ? {} : { deprecation }),
  };
}

/**
 * The row of one version: its versions differ in subresources, columns and schemas, so each is a resource of its own
 * that shares its storage with the others.
 */
export function rowOf(
  summary: DefinitionSummary,
  version: VersionSummary,
  served: ServedVersion,
  isTerminating: boolean,
): ResourceRow {
  const { spec } = summary;
  const { plural, singular, shortNames, categories, kind, listKind } = servedNames(summary);
  const storageVersion = storageVersionOf(summary)?.name ?? version.name;
  const { status, scale } = version.subresources ?? {};
  const hasStatus = status !== undefined;
  const paths = scale && scalePaths(scale);
  const row = defineResource<KubeObject>({
    group: spec.group,
    version: storageVersion,
    kind,
    plural,
    singular: singular || kind.toLowerCase(),
    shortNames: shortNames ?? [],
    categories: categories ?? [],
    scope: spec.scope === "Cluster" ? "Cluster" : "Namespaced",
    definition: served.definition,
    subresources: subresourcesOf(version),
    ...(paths === undefined ? {} : { scale: paths }),
    storagePrefix: `${spec.group}/${plural}`,
    storageVersionHash: storageVersionHash(spec.group, storageVersion, kind),
    generation: (object) => [contentOf(object, hasStatus)],
    reset: hasStatus ? { main: ["status"], status: ["spec"] } : {},
    selectableFieldsOf: selectableFieldsOf(summary),
    ...hooksOf(paths, isTerminating),
  });
  return {
    ...row,
    listKind: listKind || row.listKind,
    served: [served],
    ...(isTerminating ? { shownVerbs: ["delete", "deletecollection", "get", "list", "watch"] } : {}),
  };
}

function hooksOf(
  paths: ScalePaths | undefined,
  isTerminating: boolean,
): Pick<ResourceDefinition<KubeObject>, "prepareForCreate" | "prepareForUpdate" | "validate" | "warn"> {
  return {
    ...(isTerminating ? { prepareForCreate: refuseCreation } : {}),
    prepareForUpdate(object, old, { subresource }) {
      if (subresource === "status") keepAllButStatus(object as JsonObject, old as DeepReadonly<JsonObject>);
    },
    validate: (object, context) => (paths === undefined ? [] : validateScale(object, paths, context)),
    warn: (object, old, { subresource }) => (subresource === "status" ? [] : finalizerWarnings(object, old)),
  };
}

function subresourcesOf({ subresources }: VersionSummary): readonly SubresourceDefinition[] {
  const verbs = ["get", "patch", "update"] as const;
  return [
    ...(subresources?.status === undefined ? [] : [{ name: "status", verbs }]),
    ...(subresources?.scale === undefined
      ? []
      : [{ name: "scale", group: "autoscaling", version: "v1", kind: "Scale", verbs }]),
  ];
}

function scalePaths(scale: NonNullable<NonNullable<VersionSummary["subresources"]>["scale"]>): ScalePaths {
  return {
    specReplicas: scale.specReplicasPath,
    statusReplicas: scale.statusReplicasPath,
    ...(scale.labelSelectorPath ? { selector: scale.labelSelectorPath } : {}),
  };
}

/** All that a generation counts the changes of. */
function contentOf(object: DeepReadonly<KubeObject>, hasStatus: boolean): unknown {
  const { metadata: _metadata, ...content } = object;
  if (!hasStatus) return content;
  const { status: _status, ...rest } = content as { readonly status?: unknown };
  return rest;
}

function refuseCreation(): never {
  throw new ApiError("MethodNotAllowed", "create not allowed while custom resource definition is terminating");
}

/** A custom resource may have any members at its top; the status endpoint writes one of them. */
function keepAllButStatus(object: JsonObject, old: DeepReadonly<JsonObject>): void {
  const { status } = object;
  const managedFields = (object["metadata"] as JsonObject | undefined)?.["managedFields"];
  for (const name of Object.keys(object)) delete object[name];
  Object.assign(object, deepClone<JsonObject>(old));
  const metadata = { ...(object["metadata"] as JsonObject) };
  delete metadata["resourceVersion"];
  delete metadata["managedFields"];
  object["metadata"] = managedFields === undefined ? metadata : { ...metadata, managedFields };
  if (status === undefined) delete object["status"];
  else object["status"] = status;
}

/** Per group-version; selectors name fields without the leading dot. */
function selectableFieldsOf({ spec }: DefinitionSummary): NonNullable<ResourceRow["selectableFieldsOf"]> {
  const byVersion = spec.versions.map(({ name, selectableFields }) => {
    const fields = (selectableFields ?? []).map(({ jsonPath }) => {
      const find = compileJsonPath(jsonPath);
      return [jsonPath.replace(/^\./, ""), (object: DeepReadonly<KubeObject>) => text(find(object)?.[0])] as const;
    });
    return [`${spec.group}/${name}`, Object.fromEntries(fields)] as const;
  });
  return Object.fromEntries(byVersion);
}

function text(value: unknown): string {
  switch (typeof value) {
    case "string":
    case "number":
    case "bigint":
    case "boolean":
      return String(value);
    default:
      return "";
  }
}
