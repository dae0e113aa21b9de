import type { Pod, PodTemplateSpec } from "../../api/generated/types/core-v1.ts";
import { deepClone } from "../../api/machinery/clone.ts";
import { controllerReference } from "../../api/machinery/owners.ts";
import type { DeepReadonly, KubeObject } from "../../api/machinery/object.ts";
import type { ResourceType } from "../../client/resource-types.ts";

/** The longest name of a pod; the server itself makes room for the generated end of one. */
const maxLength = 253;

/** A pod as its owner wants it: named after it, with an end that the server chooses unless the owner does. */
export function podFromTemplate<Owner extends KubeObject>(
  template: DeepReadonly<PodTemplateSpec> | undefined,
  owner: DeepReadonly<Owner>,
  ownerType: ResourceType<Owner>,
): Pod {
  const { namespace, name = "" } = owner.metadata ?? {};
  const { labels, annotations, finalizers } = template?.metadata ?? {};
  return {
    metadata: {
      ...(namespace === undefined ? {} : { namespace }),
      generateName: name.length < maxLength ? `${name}-` : name,
      labels: { ...labels },
      annotations: { ...annotations },
      ...(finalizers === undefined ? {} : { finalizers: [...finalizers] }),
      ownerReferences: [controllerReference(owner, ownerType)],
    },
    spec: deepClone(template?.spec ?? { containers: [] }),
  };
}
