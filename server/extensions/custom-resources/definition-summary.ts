import { approvalAnnotation } from "../../../api/apiextensions/api-approval.ts";
import type { Definition, DefinitionVersion } from "../../../api/apiextensions/definition.ts";

/** All of a version but its schema, which is by far the most of it. */
export type VersionSummary = Omit<DefinitionVersion, "schema">;

/** What is kept of a definition at all times. Its document can be over a megabyte, and most kinds are never used. */
export interface DefinitionSummary {
  readonly name: string;
  readonly uid: string;
  readonly generation: number;
  readonly deletionTimestamp: string | undefined;
  readonly finalizers: readonly string[];
  /** What stands in `api-approved.kubernetes.io`. */
  readonly approval: string | undefined;
  readonly spec: Omit<Definition["spec"], "versions"> & { readonly versions: readonly VersionSummary[] };
  readonly status: NonNullable<Definition["status"]>;
}

export function summarize({ metadata = {}, spec, status = {} }: Definition): DefinitionSummary {
  const { name = "", uid = "", generation = 0, deletionTimestamp, finalizers = [], annotations = {} } = metadata;
  const versions = spec.versions.map(({ schema: _schema, ...rest }) => rest);
  const approval = annotations[approvalAnnotation];
  return { name, uid, generation, deletionTimestamp, finalizers, approval, spec: { ...spec, versions }, status };
}

export function hasCondition({ status }: Pick<DefinitionSummary, "status">, type: string): boolean {
  return status.conditions?.some((condition) => condition.type === type && condition.status === "True") === true;
}

/** Served as soon as its names are accepted, and from then on. */
export function isServed(summary: DefinitionSummary): boolean {
  return hasCondition(summary, "NamesAccepted") || hasCondition(summary, "Established");
}

export function storageVersionOf({ spec }: DefinitionSummary): VersionSummary | undefined {
  return spec.versions.find(({ storage }) => storage);
}

/** By these the resource is served. */
export function servedNames({ spec, status }: DefinitionSummary): DefinitionSummary["spec"]["names"] {
  return status.acceptedNames?.plural ? status.acceptedNames : spec.names;
}
