import type { Container, LimitRange, Pod } from "../../../api/generated/types/core-v1.ts";
import { setOwn } from "../../../api/machinery/members.ts";
import type { DeepReadonly } from "../../../api/machinery/object.ts";

const annotation = "kubernetes.io/limit-ranger";

type Which = "requests" | "limits";
type Defaults = Readonly<Record<Which, ReadonlyMap<string, string>>>;

/** Gives each container what the range's defaults have and it has not, and tells so in an annotation. */
export function setDefaults(pod: Pod, range: DeepReadonly<LimitRange>): boolean {
  const defaults = defaultsOf(range);
  const said = [
    ...(pod.spec?.containers ?? []).flatMap((container) => fillIn(container, "container", defaults)),
    ...(pod.spec?.initContainers ?? []).flatMap((container) => fillIn(container, "init container", defaults)),
  ];
  if (said.length === 0) return false;
  pod.metadata = {
    ...pod.metadata,
    annotations: { ...pod.metadata?.annotations, [annotation]: `LimitRanger plugin set: ${said.join("; ")}` },
  };
  return true;
}

function defaultsOf({ spec }: DeepReadonly<LimitRange>): Defaults {
  const items = (spec?.limits ?? []).filter(({ type }) => type === "Container");
  return {
    requests: new Map(items.flatMap(({ defaultRequest }) => Object.entries(defaultRequest ?? {}))),
    limits: new Map(items.flatMap((item) => Object.entries(item.default ?? {}))),
  };
}

function fillIn(container: Container, words: string, defaults: Defaults): string[] {
  const texts: string[] = [];
  for (const [which, word] of [
    ["requests", "request"],
    ["limits", "limit"],
  ] as const) {
    const missing = [...defaults[which]].filter(([name]) => !Object.hasOwn(container.resources?.[which] ?? {}, name));
    if (missing.length === 0) continue;
    const amounts = { ...container.resources?.[which] };
    for (const [name, amount] of missing) setOwn(amounts, name, amount);
    container.resources = { ...container.resources, [which]: amounts };
    const names = missing.map(([name]) => name).sort();
    texts.push(`${names.join(", ")} ${word} for ${words} ${container.name}`);
  }
  return texts;
}
