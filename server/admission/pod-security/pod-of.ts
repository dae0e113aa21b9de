import type { PodSpec, PodTemplateSpec } from "../../../api/generated/types/core-v1.ts";
import type { PodLike } from "../../../api/core/pod-security/check.ts";
import type { DeepReadonly, KubeObject } from "../../../api/machinery/object.ts";
import type { GroupResource } from "../../../api/machinery/status.ts";

type WithTemplate = DeepReadonly<{
  template?: PodTemplateSpec;
  spec?: { template?: PodTemplateSpec; jobTemplate?: { spec?: { template?: PodTemplateSpec } } };
}>;

/** Where each workload keeps what its pods will be like. */
const templates: ReadonlyMap<string, (object: WithTemplate) => DeepReadonly<PodTemplateSpec> | undefined> = new Map([
  ["podtemplates", (object: WithTemplate) => object.template],
  ...[
    "replicationcontrollers",
    "replicasets.apps",
    "deployments.apps",
    "statefulsets.apps",
    "daemonsets.apps",
    "jobs.batch",
  ].map((resource) => [resource, (object: WithTemplate) => object.spec?.template] as const),
  ["cronjobs.batch", (object: WithTemplate) => object.spec?.jobTemplate?.spec?.template],
]);

export function hasPodTemplate({ group, resource }: GroupResource): boolean {
  return templates.has(group === "" ? resource : `${resource}.${group}`);
}

/** The template of a workload of the hub's version; undefined for one without. */
export function templateOf({ group, resource }: GroupResource, object: DeepReadonly<KubeObject>): PodLike | undefined {
  // The map's key says what kind of object it is.
  const template = templates.get(group === "" ? resource : `${resource}.${group}`)?.(object as WithTemplate);
  return template === undefined ? undefined : podLike(template);
}

export function podLike(pod: DeepReadonly<{ metadata?: KubeObject["metadata"]; spec?: PodSpec }>): PodLike {
  return { metadata: pod.metadata ?? {}, spec: pod.spec ?? { containers: [] } };
}
