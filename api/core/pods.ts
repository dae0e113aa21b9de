import type { Pod } from "../generated/types/core-v1.ts";
import type { FieldError } from "../machinery/field-error.ts";
import type { DeepReadonly } from "../machinery/object.ts";
import { defineResource, type ResourceRow, type SubresourceDefinition, type WriteContext } from "../resource.ts";
import { prepareChangedPod, prepareNewPod } from "./pod-preparation.ts";
import { podTable } from "./pod-table.ts";
import { validatePodUpdate } from "./pod-update-validation.ts";
import { validateNewPod } from "./pod-validation.ts";

const writable = ["get", "patch", "update"] as const;
const proxied = ["create", "delete", "get", "patch", "update"] as const;

const subresources: readonly SubresourceDefinition[] = [
  { name: "attach", kind: "PodAttachOptions", verbs: ["create", "get"], connect: true },
  { name: "binding", kind: "Binding", verbs: ["create"] },
  { name: "ephemeralcontainers", verbs: writable },
  { name: "eviction", kind: "Eviction", group: "policy", version: "v1", verbs: ["create"] },
  { name: "exec", kind: "PodExecOptions", verbs: ["create", "get"], connect: true },
  { name: "log", verbs: ["get"] },
  { name: "portforward", kind: "PodPortForwardOptions", verbs: ["create", "get"], connect: true },
  { name: "proxy", kind: "PodProxyOptions", verbs: proxied, connect: true },
  { name: "resize", verbs: writable },
  { name: "status", verbs: writable },
];

export const pods: ResourceRow = defineResource<Pod>({
  group: "",
  version: "v1",
  kind: "Pod",
  plural: "pods",
  shortNames: ["po"],
  categories: ["all"],
  scope: "Namespaced",
  definition: "io.k8s.api.core.v1.Pod",
  storageVersionHash: "xPOwRZ+Yhw8=",
  subresources,
  generation: ({ spec }) => [spec],
  reset: { main: ["status"], status: ["metadata.deletionTimestamp", "metadata.ownerReferences", "spec"] },
  unconditionalUpdate: true,
  returnsDeleted: true,
  prepareForCreate: prepareNewPod,
  prepareForUpdate: prepareChangedPod,
  validate,
  validateUpdate: (pod, old, { subresource }) => validatePodUpdate(pod, old, subresource),
  gracePeriod,
  table: podTable,
  selectableFields: {
    "spec.nodeName": ({ spec }) => spec?.nodeName ?? "",
    "spec.host": ({ spec }) => spec?.nodeName ?? "",
    "spec.restartPolicy": ({ spec }) => spec?.restartPolicy ?? "",
    "spec.schedulerName": ({ spec }) => spec?.schedulerName ?? "",
    "spec.serviceAccountName": ({ spec }) => spec?.serviceAccountName ?? "",
    "spec.hostNetwork": ({ spec }) => String(spec?.hostNetwork ?? false),
    "status.phase": ({ status }) => status?.phase ?? "",
    "status.podIP": ({ status }) => status?.podIPs?.[0]?.ip ?? status?.podIP ?? "",
    // Accepted by upstream, but no pod has a value for it.
    "status.podIPs": () => "",
    "status.nominatedNodeName": ({ status }) => status?.nominatedNodeName ?? "",
  },
});

/** A change is judged by what it changes. */
function validate(pod: DeepReadonly<Pod>, { operation }: WriteContext): FieldError[] {
  return operation === "create" ? validateNewPod(pod) : [];
}

/** A pod that no node runs, or that has ended, goes at once; a negative wish means as soon as possible. */
function gracePeriod(pod: DeepReadonly<Pod>, requested: number | undefined): number {
  const { phase } = pod.status ?? {};
  const wished = requested ?? pod.spec?.terminationGracePeriodSeconds ?? 0;
  if (!pod.spec?.nodeName || phase === "Succeeded" || phase === "Failed") return 0;
  return wished < 0 ? 1 : wished;
}
