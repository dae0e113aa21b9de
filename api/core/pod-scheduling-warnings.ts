import type { PodAffinityTerm, PodSpec } from "../generated/types/core-v1.ts";
import type { DeepReadonly } from "../machinery/object.ts";
import { deprecatedNodeLabel, nodeLabelWarnings, nodeTermWarnings } from "./node-label-warnings.ts";

type Spec = DeepReadonly<PodSpec>;
type Affinity = NonNullable<Spec["affinity"]>;

export function schedulingWarnings(spec: Spec, path: string): readonly string[] {
  return [
    ...Object.keys(spec.nodeSelector ?? {}).flatMap((key) => {
      const message = deprecatedNodeLabel(key);
      return message === undefined ? [] : [`${path}.nodeSelector[${key}]: ${message}`];
    }),
    ...nodeAffinityWarnings(spec.affinity?.nodeAffinity, `${path}.affinity.nodeAffinity`),
    ...(spec.topologySpreadConstraints ?? []).flatMap(({ topologyKey, labelSelector }, index) => {
      const at = `${path}.topologySpreadConstraints[${index}]`;
      return [...nodeLabelWarnings(topologyKey, `${at}.topologyKey`), ...noSelector(labelSelector, at)];
    }),
    ...(["podAffinity", "podAntiAffinity"] as const).flatMap((kind) =>
      podAffinityWarnings(spec.affinity?.[kind], `${path}.affinity.${kind}`),
    ),
  ];
}

function nodeAffinityWarnings(affinity: Affinity["nodeAffinity"], path: string): readonly string[] {
  const terms = affinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms ?? [];
  const required = `${path}.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms`;
  const preferred = `${path}.preferredDuringSchedulingIgnoredDuringExecution`;
  return [
    ...terms.flatMap((term, index) => nodeTermWarnings(term, `${required}[${index}]`)),
    ...(affinity?.preferredDuringSchedulingIgnoredDuringExecution ?? []).flatMap(({ preference }, index) =>
      nodeTermWarnings(preference, `${preferred}[${index}].preference`),
    ),
  ];
}

function podAffinityWarnings(
  affinity: Affinity["podAffinity"] | Affinity["podAntiAffinity"],
  path: string,
): readonly string[] {
  const required = `${path}.requiredDuringSchedulingIgnoredDuringExecution`;
  const preferred = `${path}.preferredDuringSchedulingIgnoredDuringExecution`;
  return [
    ...(affinity?.requiredDuringSchedulingIgnoredDuringExecution ?? []).flatMap(({ labelSelector }, index) =>
      noSelector(labelSelector, `${required}[${index}]`),
    ),
    ...(affinity?.preferredDuringSchedulingIgnoredDuringExecution ?? []).flatMap(({ podAffinityTerm }, index) =>
      noSelector(podAffinityTerm.labelSelector, `${preferred}[${index}].podAffinityTerm`),
    ),
  ];
}

function noSelector(selector: DeepReadonly<PodAffinityTerm["labelSelector"]>, path: string): readonly string[] {
  return selector === undefined ? [`${path}.labelSelector: a null labelSelector results in matching no pod`] : [];
}
