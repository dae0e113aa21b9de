import type { NodeSelectorTerm } from "../generated/types/core-v1.ts";
import type { LabelSelector } from "../generated/types/meta-v1.ts";
import type { DeepReadonly } from "../machinery/object.ts";

const replaced: ReadonlyMap<string, string> = new Map([
  ["beta.kubernetes.io/arch", 'deprecated since v1.14; use "kubernetes.io/arch" instead'],
  ["beta.kubernetes.io/os", 'deprecated since v1.14; use "kubernetes.io/os" instead'],
  ["failure-domain.beta.kubernetes.io/region", 'deprecated since v1.17; use "topology.kubernetes.io/region" instead'],
  ["failure-domain.beta.kubernetes.io/zone", 'deprecated since v1.17; use "topology.kubernetes.io/zone" instead'],
  ["beta.kubernetes.io/instance-type", 'deprecated since v1.17; use "node.kubernetes.io/instance-type" instead'],
]);

/** What to use instead of a label of nodes; undefined for those that are in use. */
export function deprecatedNodeLabel(key: string): string | undefined {
  return replaced.get(key);
}

export function nodeTermWarnings(term: DeepReadonly<NodeSelectorTerm>, path: string): readonly string[] {
  return (term.matchExpressions ?? []).flatMap(({ key }, index) =>
    nodeLabelWarnings(key, `${path}.matchExpressions[${index}].key`),
  );
}

/** Of a label selector that is about nodes. */
export function nodeSelectorWarnings(
  selector: DeepReadonly<LabelSelector> | undefined,
  path: string,
): readonly string[] {
  return [
    ...(selector?.matchExpressions ?? []).flatMap(({ key }, index) =>
      nodeLabelWarnings(key, `${path}.matchExpressions[${index}].key`),
    ),
    ...Object.keys(selector?.matchLabels ?? {}).flatMap((key) => {
      const message = replaced.get(key);
      return message === undefined ? [] : [`${path}.matchLabels.${key}: ${message}`];
    }),
  ];
}

/** `spec…key: beta.kubernetes.io/os is deprecated …` */
export function nodeLabelWarnings(key: string, path: string): readonly string[] {
  const message = replaced.get(key);
  return message === undefined ? [] : [`${path}: ${key} is ${message}`];
}
