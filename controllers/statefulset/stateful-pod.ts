import type { PersistentVolumeClaim, Pod, PodTemplateSpec } from "../../api/generated/types/core-v1.ts";
import { deepClone } from "../../api/machinery/clone.ts";
import type { DeepReadonly } from "../../api/machinery/object.ts";
import { statefulSets } from "../../client/resource-types.ts";
import { podFromTemplate } from "../pods/pod-from-template.ts";
import { type AnySet, claimName, identityLabels, podName, revisionLabel, withClaims } from "./identity.ts";

/** The pod of an ordinal, by the template of a revision. */
export function statefulPod(
  set: AnySet,
  ordinal: number,
  { name: revision, template }: { readonly name: string; readonly template: DeepReadonly<PodTemplateSpec> },
): Pod {
  const pod = podFromTemplate(template, set, statefulSets);
  const name = podName(set, ordinal);
  const { serviceName } = set.spec ?? {};
  return {
    metadata: {
      ...pod.metadata,
      name,
      labels: { ...pod.metadata?.labels, ...identityLabels(set, ordinal), [revisionLabel]: revision },
    },
    spec: {
      containers: [],
      ...pod.spec,
      hostname: name,
      ...(serviceName === undefined ? {} : { subdomain: serviceName }),
      volumes: deepClone(withClaims(pod.spec?.volumes ?? [], set, ordinal)),
    },
  };
}

/** The claims that belong to the pod of an ordinal: its own, whatever becomes of the pod. */
export function claimsFor(set: AnySet, ordinal: number): PersistentVolumeClaim[] {
  const { namespace } = set.metadata ?? {};
  return (set.spec?.volumeClaimTemplates ?? []).map((template) => {
    const claim = deepClone<PersistentVolumeClaim>(template);
    return {
      ...claim,
      metadata: {
        ...claim.metadata,
        name: claimName(set, template, ordinal),
        ...(namespace === undefined ? {} : { namespace }),
        labels: { ...claim.metadata?.labels, ...set.spec?.selector.matchLabels },
      },
    };
  });
}
