import { celTypeOfStruct } from "../../../api/cel/struct-type.ts";
import type { CelType } from "../../../api/cel/cel.ts";
import type {
  NamedRuleWithOperations,
  ValidatingAdmissionPolicySpec,
} from "../../../api/generated/types/admissionregistration-v1.ts";
import type { CustomResourceDefinition } from "../../../api/generated/types/apiextensions-v1.ts";
import type { DeepReadonly } from "../../../api/machinery/object.ts";
import { describe } from "../../../api/schema/structural/cel-type.ts";
import { parseStructural } from "../../../api/schema/structural/parse.ts";
import type { Kind, KindVersion } from "../../encoding/kind.ts";
import type { ObjectReader } from "../object-reader.ts";
import type { OwnerResource } from "../owner-references-permission-enforcement.ts";
import type { CheckedKind, CheckedTypes } from "./type-checking.ts";

export interface CheckedTypesDeps {
  readonly reader: ObjectReader;
  readonly resourcesOf: (apiVersion: string, kind: string) => readonly OwnerResource[];
  readonly findKind: (
    group: string,
    version: string,
    resource: string,
  ) => { readonly kind: Kind; readonly version: KindVersion } | undefined;
}

/** Upstream's bound for one rule. */
const mostKinds = 10;

/** The kinds that a policy names without wildcards, and that of its parameters, as far as they are known. */
export async function checkedTypes(
  { matchConstraints, paramKind }: DeepReadonly<ValidatingAdmissionPolicySpec>,
  deps: CheckedTypesDeps,
): Promise<CheckedTypes> {
  const objects: CheckedKind[] = [];
  for (const resource of namedResources(matchConstraints?.resourceRules ?? [], deps)) {
    const type = await typeOf(resource, deps);
    const found = deps.findKind(resource.group, resource.version, resource.resource);
    if (type === undefined || found === undefined) continue;
    objects.push({ group: resource.group, version: resource.version, kind: found.kind.row.kind, type });
  }
  const ofParams = paramKind && deps.resourcesOf(paramKind.apiVersion ?? "", paramKind.kind ?? "")[0];
  return { objects: objects.toSorted(byName), params: ofParams && (await typeOf(ofParams, deps)) };
}

interface Resource {
  readonly group: string;
  readonly version: string;
  readonly resource: string;
}

function namedResources(
  rules: readonly DeepReadonly<NamedRuleWithOperations>[],
  { findKind }: CheckedTypesDeps,
): readonly Resource[] {
  const named = new Map<string, Resource>();
  for (const { apiGroups = [], apiVersions = [], resources = [] } of rules) {
    if ([...apiGroups, ...apiVersions].some((text) => text.includes("*"))) continue;
    let count = 0;
    for (const group of apiGroups.toSorted())
      for (const version of apiVersions.toSorted())
        for (const resource of resources.toSorted()) {
          if (/[*/]/.test(resource) || findKind(group, version, resource) === undefined) continue;
          named.set(`${group}/${version}/${resource}`, { group, version, resource });
          count += 1;
          if (count === mostKinds) return [...named.values()];
        }
  }
  return [...named.values()];
}

function byName(a: CheckedKind, b: CheckedKind): number {
  const [left, right] = [a, b].map(({ group, version, kind }) => `${group}\0${version}\0${kind}`);
  return (left ?? "") < (right ?? "") ? -1 : 1;
}

async function typeOf(
  { group, version, resource }: Resource,
  { findKind, reader }: CheckedTypesDeps,
): Promise<CelType | undefined> {
  const found = findKind(group, version, resource);
  if (found === undefined) return undefined;
  const { kind, version: served } = found;
  if (served.type !== undefined) return celTypeOfStruct(served.type, kind.row.kind);
  const definition = await reader.find<CustomResourceDefinition>(
    "customresourcedefinitions.apiextensions.k8s.io",
    "",
    `${resource}.${group}`,
  );
  const schema = definition?.spec.versions.find(({ name }) => name === version)?.schema?.openAPIV3Schema;
  return schema && describe(parseStructural(schema), true, kind.row.kind)?.type;
}
