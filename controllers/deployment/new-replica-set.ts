import type { Deployment, ReplicaSet } from "../../api/generated/types/apps-v1.ts";
import type { PodTemplateSpec } from "../../api/generated/types/core-v1.ts";
import { deepClone } from "../../api/machinery/clone.ts";
import { semanticEqual } from "../../api/machinery/equal.ts";
import type { DeepReadonly } from "../../api/machinery/object.ts";
import { controllerReference } from "../../api/machinery/owners.ts";
import { deployments } from "../../client/resource-types.ts";
import { boundsOf } from "./bounds.ts";
import { nameOf, oldestFirst, type SeenSet } from "./replica-sets.ts";
import { annotationsOfNewest, sizeAnnotations } from "./revisions.ts";
import { podTemplateHash, templateHash } from "./template-hash.ts";

const maxNameLength = 253;

/** The ReplicaSet of the Deployment's present pod template, and all others. */
export interface Generations {
  readonly newest: SeenSet | undefined;
  readonly old: readonly SeenSet[];
}

/** Where several have the present template (which takes an accident), the oldest is the newest one. */
export function generationsOf({ spec }: DeepReadonly<Deployment>, sets: readonly SeenSet[]): Generations {
  const ordered = sets.toSorted(oldestFirst);
  const newest = ordered.find((set) => equalIgnoringHash(set.spec?.template, spec?.template));
  return { newest, old: ordered.filter((set) => set !== newest) };
}

type Template = DeepReadonly<PodTemplateSpec> | undefined;

export function equalIgnoringHash(left: Template, right: Template): boolean {
  return semanticEqual(withoutHash(left), withoutHash(right));
}

export function withoutHash(template: Template): Template {
  if (template?.metadata?.labels?.[podTemplateHash] === undefined) return template;
  const { [podTemplateHash]: _, ...labels } = template.metadata.labels;
  return { ...template, metadata: { ...template.metadata, labels } };
}

/** A ReplicaSet for the present pod template, which wants no pods yet. Its name follows from the template: nobody makes it twice. */
export function newReplicaSet(deployment: DeepReadonly<Deployment>, others: readonly SeenSet[]): ReplicaSet {
  const { metadata, spec, status } = deployment;
  const template: PodTemplateSpec = deepClone(spec?.template ?? {});
  const hash = templateHash(spec?.template, status?.collisionCount);
  const labels = { ...template.metadata?.labels, [podTemplateHash]: hash };
  const { matchLabels, ...selector } = deepClone(spec?.selector ?? {});
  return {
    metadata: {
      name: `${nameOf(deployment).slice(0, maxNameLength - 1 - hash.length)}-${hash}`,
      ...(metadata?.namespace === undefined ? {} : { namespace: metadata.namespace }),
      labels,
      annotations: { ...annotationsOfNewest(deployment, {}, others), ...sizeAnnotations(boundsOf(deployment)) },
      ownerReferences: [controllerReference(deployment, deployments)],
    },
    spec: {
      replicas: 0,
      ...(spec?.minReadySeconds === undefined ? {} : { minReadySeconds: spec.minReadySeconds }),
      selector: { ...selector, matchLabels: { ...matchLabels, [podTemplateHash]: hash } },
      template: { ...template, metadata: { ...template.metadata, labels } },
    },
  };
}
