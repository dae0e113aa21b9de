import type { Container, ResourceRequirements } from "../../api/generated/types/core-v1.ts";
import { sameQuantities } from "../../api/core/quantities.ts";
import type { DeepReadonly } from "../../api/machinery/object.ts";
import type { AnyContainer, AnyPod } from "./observed.ts";

export type Resources = DeepReadonly<ResourceRequirements>;

/** What each container has been given; see KEP-1287. */
export function resourcesOf({ spec }: AnyPod): ReadonlyMap<string, Resources> {
  const given = new Map<string, Resources>();
  for (const container of containersOf(spec)) given.set(container.name, container.resources ?? {});
  return given;
}

/** The containers that are to have other resources than they have, and whether that needs a restart of theirs. */
export function resized(
  { spec }: AnyPod,
  given: ReadonlyMap<string, Resources>,
): readonly { readonly name: string; readonly needsRestart: boolean }[] {
  return containersOf(spec).flatMap((container) => {
    const changed = changedResources(container, given.get(container.name) ?? {});
    if (changed.length === 0) return [];
    const policies = container.resizePolicy ?? [];
    const needsRestart = policies.some(
      ({ resourceName, restartPolicy }) => restartPolicy === "RestartContainer" && changed.includes(resourceName),
    );
    return [{ name: container.name, needsRestart }];
  });
}

/** As events tell of a resize. */
export function resourceSummary({ spec, metadata }: AnyPod, error?: string): string {
  const listed = (containers: readonly AnyContainer[] | undefined): readonly object[] | undefined =>
    containers?.map(({ name, resources = {} }) => ({ name, resources }));
  return JSON.stringify({
    initContainers: listed(spec?.initContainers),
    containers: listed(spec?.containers),
    generation: metadata?.generation ?? 0,
    error,
  });
}

/** The pod as if it had asked for what its containers have. */
export function withResources(pod: AnyPod, given: ReadonlyMap<string, Resources>): AnyPod {
  const { spec } = pod;
  if (spec === undefined) return pod;
  const replaced = (container: AnyContainer): AnyContainer => ({
    ...container,
    resources: given.get(container.name) ?? {},
  });
  const { initContainers, containers } = spec;
  return {
    ...pod,
    spec: {
      ...spec,
      ...(initContainers === undefined ? {} : { initContainers: initContainers.map(replaced) }),
      containers: containers.map(replaced),
    },
  };
}

function containersOf(spec: AnyPod["spec"]): readonly DeepReadonly<Container>[] {
  return [...(spec?.initContainers ?? []), ...(spec?.containers ?? [])];
}

function changedResources({ resources }: AnyContainer, given: Resources): readonly string[] {
  return ["cpu", "memory"].filter((name) => {
    const of = (which: Resources | undefined, list: "requests" | "limits"): Record<string, string> => {
      const amount = which?.[list]?.[name];
      return amount === undefined ? {} : { [name]: amount };
    };
    return (["requests", "limits"] as const).some((list) => !sameQuantities(of(resources, list), of(given, list)));
  });
}
