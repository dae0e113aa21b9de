import type { APIService, APIServiceSpec } from "../../../api/generated/types/apiregistration-v1.ts";
import { deepEqual } from "../../../api/machinery/equal.ts";
import type { DeepReadonly } from "../../../api/machinery/object.ts";
import { customVersionPriority, groupPriority, versionPriority } from "../../discovery/groups.ts";

/** A group-version that this server serves itself. */
export interface LocalGroupVersion {
  readonly group: string;
  readonly version: string;
  /** By a CustomResourceDefinition. */
  readonly isCustom: boolean;
}

export type Step =
  | { readonly does: "create"; readonly object: APIService }
  | { readonly does: "replace"; readonly object: APIService }
  | { readonly does: "delete"; readonly name: string };

/** `onstart` objects are looked after once, at the start; `true` ones always; those without the label belong to somebody else. */
const label = "kube-aggregator.kubernetes.io/automanaged";

/** What makes the APIServices of a server agree with what it serves. */
export function planLocal(
  served: readonly LocalGroupVersion[],
  existing: readonly DeepReadonly<APIService>[],
  { starting }: { readonly starting: boolean },
): readonly Step[] {
  const steps: Step[] = [];
  const found = new Map(existing.map((one) => [one.metadata?.name ?? "", one]));
  const wanted = new Set<string>();
  for (const one of served) {
    // The aggregator's own group is no APIService: it is there before any.
    if (one.group === "apiregistration.k8s.io") continue;
    const object = apiService(one);
    const name = object.metadata?.name ?? "";
    wanted.add(name);
    const current = found.get(name);
    if (current === undefined) {
      if (one.isCustom || starting) steps.push({ does: "create", object });
    } else if (isOurs(current, starting) && differs(current, object)) {
      steps.push({ does: "replace", object: { ...object, metadata: merged(current, object) } });
    }
  }
  for (const [name, current] of found)
    if (!wanted.has(name) && isOurs(current, starting)) steps.push({ does: "delete", name });
  return steps;
}

function isOurs({ metadata }: DeepReadonly<APIService>, starting: boolean): boolean {
  const managed = metadata?.labels?.[label];
  return managed === "true" || (managed === "onstart" && starting);
}

function differs(current: DeepReadonly<APIService>, wanted: APIService): boolean {
  return (
    !deepEqual(current.spec, wanted.spec) || current.metadata?.labels?.[label] !== wanted.metadata?.labels?.[label]
  );
}

function merged({ metadata }: DeepReadonly<APIService>, wanted: APIService): NonNullable<APIService["metadata"]> {
  return {
    ...wanted.metadata,
    ...(metadata?.resourceVersion === undefined ? {} : { resourceVersion: metadata.resourceVersion }),
    labels: { ...metadata?.labels, ...wanted.metadata?.labels },
    annotations: { ...metadata?.annotations },
  };
}

function apiService({ group, version, isCustom }: LocalGroupVersion): APIService {
  const spec: APIServiceSpec = {
    ...(group === "" ? {} : { group }),
    version,
    groupPriorityMinimum: groupPriority(group),
    versionPriority: isCustom ? customVersionPriority : versionPriority(group, version),
  };
  return {
    apiVersion: "apiregistration.k8s.io/v1",
    kind: "APIService",
    metadata: { name: `${version}.${group}`, labels: { [label]: isCustom ? "true" : "onstart" } },
    spec,
  };
}
