import type {
  ResourceQuota,
  ResourceQuotaSpec,
  ScopedResourceSelectorRequirement,
} from "../generated/types/core-v1.ts";
import type { FieldError } from "../machinery/field-error.ts";
import { bad, required } from "../machinery/findings.ts";
import type { DeepReadonly } from "../machinery/object.ts";
import type { WriteContext } from "../resource.ts";
import { isStandardQuotaResource, quotaResourceName, resourceAmount } from "./resource-names.ts";

type Quota = DeepReadonly<ResourceQuota>;
type Spec = DeepReadonly<ResourceQuotaSpec>;
type Requirement = DeepReadonly<ScopedResourceSelectorRequirement>;

export function validateResourceQuota({ spec = {}, status }: Quota, { subresource }: WriteContext): FieldError[] {
  if (subresource === "status")
    return [...amounts("status.hard", status?.hard), ...amounts("status.used", status?.used)];
  return [...amounts("spec.hard", spec.hard), ...scopes(spec, "spec.scopes"), ...selector(spec)];
}

export function validateQuotaUpdate({ spec }: Quota, { spec: old }: Quota): FieldError[] {
  const [now, before] = [new Set(spec?.scopes ?? []), new Set(old?.scopes ?? [])];
  const isSame = now.size === before.size && [...now].every((scope) => before.has(scope));
  return isSame ? [] : [bad("spec.scopes", spec?.scopes ?? null, "field is immutable")];
}

function amounts(path: string, map: Readonly<Record<string, string>> | undefined): FieldError[] {
  return Object.entries(map ?? {}).flatMap(([name, text]) => {
    const at = `${path}[${name}]`;
    return [...quotaResourceName(at, name), ...resourceAmount(at, name, text)];
  });
}

const countsPods: ReadonlySet<string> = new Set(["pods"]);
const ofPods: ReadonlySet<string> = new Set([
  ...countsPods,
  ...["cpu", "memory"].flatMap((name) => [name, `requests.${name}`, `limits.${name}`]),
]);
const ofClaims: ReadonlySet<string> = new Set(["persistentvolumeclaims", "requests.storage"]);

/** What each scope can narrow down. */
const known = new Map<string, ReadonlySet<string>>([
  ["BestEffort", countsPods],
  ["CrossNamespacePodAffinity", ofPods],
  ["NotBestEffort", ofPods],
  ["NotTerminating", ofPods],
  ["PriorityClass", ofPods],
  ["Terminating", ofPods],
  ["VolumeAttributesClass", ofClaims],
]);

/** How many of the resources a scope has nothing to say of. */
function unfit(scope: string, { hard = {} }: Spec): readonly string[] {
  const fitting = known.get(scope);
  return Object.keys(hard).filter((name) => isStandardQuotaResource(name) && fitting?.has(name) === false);
}

const opposites = [
  ["BestEffort", "NotBestEffort"],
  ["Terminating", "NotTerminating"],
] as const;

function conflicts(list: readonly string[], shown: unknown, field: string): FieldError[] {
  return opposites.flatMap(([one, other]) =>
    list.includes(one) && list.includes(other) ? [bad(field, shown, "conflicting scopes")] : [],
  );
}

function scopes(spec: Spec, field: string): FieldError[] {
  const list = spec.scopes ?? [];
  return [
    ...list.flatMap((scope) => [
      ...(known.has(scope) ? [] : [bad(field, list, "unsupported scope")]),
      ...unfit(scope, spec).map(() => bad(field, list, "unsupported scope applied to resource")),
    ]),
    ...conflicts(list, list, field),
  ];
}

/** Scopes that are there or not, without a value. */
const plain: ReadonlySet<string> = new Set([...opposites.flat(), "CrossNamespacePodAffinity"]);

function selector(spec: Spec): FieldError[] {
  const { scopeSelector } = spec;
  const requirements = scopeSelector?.matchExpressions ?? [];
  const path = "spec.scopeSelector.matchExpressions";
  const names = requirements.map(({ scopeName }) => scopeName);
  return [
    ...requirements.flatMap((requirement) => [
      ...(known.has(requirement.scopeName)
        ? []
        : [bad(`${path}.scopeName`, requirement.scopeName ?? "", "unsupported scope")]),
      ...unfit(requirement.scopeName, spec).map(() =>
        bad(path, scopeSelector, "unsupported scope applied to resource"),
      ),
      ...operator(requirement, path),
    ]),
    ...conflicts(names, spec.scopes ?? null, path),
  ];
}

const onlyExists =
  "must be 'Exists' when scope is any of ResourceQuotaScopeTerminating, ResourceQuotaScopeNotTerminating, ResourceQuotaScopeBestEffort, ResourceQuotaScopeNotBestEffort or ResourceQuotaScopeCrossNamespacePodAffinity";

function operator({ scopeName, operator: how, values = [] }: Requirement, path: string): FieldError[] {
  const findings = plain.has(scopeName) && how !== "Exists" ? [bad(`${path}.operator`, how ?? "", onlyExists)] : [];
  switch (how) {
    case "In":
    case "NotIn": {
      const why = "must be at least one value when `operator` is 'In' or 'NotIn' for scope selector";
      return values.length > 0 ? findings : [...findings, required(`${path}.values`, why)];
    }
    case "Exists":
    case "DoesNotExist": {
      const why = "must be no value when `operator` is 'Exist' or 'DoesNotExist' for scope selector";
      return values.length === 0 ? findings : [...findings, bad(`${path}.values`, values, why)];
    }
    default:
      return [...findings, bad(`${path}.operator`, how ?? "", "not a valid selector operator")];
  }
}
