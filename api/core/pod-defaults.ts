/** Defaults of pods, of the templates in workloads, and of what stands in both. */
import { isFilled, itemsAt, objectAt, textAt } from "../machinery/members.ts";
import type { JsonObject } from "../machinery/object.ts";
import type { DefaultRules, Setter } from "../schema/default.ts";
import { sumOfContainers } from "./container-resources.ts";
import { defaultPullPolicy } from "./image-reference.ts";
import {
  copyMissing,
  isOvercommittable,
  isPodLevelResource,
  roundedResources,
  roundResources,
} from "./resource-list-defaults.ts";

export const podDefaults: DefaultRules = {
  "io.k8s.api.core.v1.Pod": pod,
  "io.k8s.api.core.v1.PodSpec": podSpec,
  "io.k8s.api.core.v1.PodStatus": podStatus,
  "io.k8s.api.core.v1.Container": containerRule,
  "io.k8s.api.core.v1.EphemeralContainer": containerRule,
  "io.k8s.api.core.v1.ContainerPort": (port, set) => set.ifZero(port, "protocol", "TCP"),
  "io.k8s.api.core.v1.ContainerStatus": roundedResources("allocatedResources"),
  "io.k8s.api.core.v1.ResourceRequirements": roundedResources("limits", "requests"),
  "io.k8s.api.core.v1.FileKeySelector": (selector, set) => set.ifUnset(selector, "optional", false),
  "io.k8s.api.core.v1.ObjectFieldSelector": (selector, set) => set.ifZero(selector, "apiVersion", "v1"),
  "io.k8s.api.core.v1.GRPCAction": (action, set) => set.ifUnset(action, "service", ""),
  "io.k8s.api.core.v1.HTTPGetAction": (action, set) => {
    set.ifZero(action, "path", "/");
    set.ifZero(action, "scheme", "HTTP");
  },
  "io.k8s.api.core.v1.Probe": (probe, set) => {
    set.ifZero(probe, "timeoutSeconds", 1);
    set.ifZero(probe, "periodSeconds", 10);
    set.ifZero(probe, "successThreshold", 1);
    set.ifZero(probe, "failureThreshold", 3);
  },
};

/** For pods only: a template keeps what its author wrote. */
function pod(object: JsonObject, set: Setter): void {
  const spec = set.within(object, "spec");
  for (const which of ["containers", "initContainers"]) {
    for (const container of itemsAt(spec, which)) requestLimits(objectAt(container, "resources"), set);
  }
  podLevelResources(spec, set);
  set.ifUnset(spec, "enableServiceLinks", true);
  if (spec["hostNetwork"] === true) {
    hostPorts(spec, "containers", set);
    hostPorts(spec, "initContainers", set);
  }
}

function requestLimits(resources: JsonObject | undefined, set: Setter): void {
  const limits = objectAt(resources, "limits");
  if (resources !== undefined && limits !== undefined && isFilled(limits))
    copyMissing(set.within(resources, "requests"), limits, set);
}

function hostPorts(spec: JsonObject, which: string, set: Setter): void {
  for (const of of itemsAt(spec, which)) {
    for (const port of itemsAt(of, "ports")) set.ifZero(port, "hostPort", port["containerPort"] ?? 0);
  }
}

/** https://github.com/kubernetes/enhancements/tree/master/keps/sig-node/2837-pod-level-resource-spec */
function podLevelResources(spec: JsonObject, set: Setter): void {
  const resources = objectAt(spec, "resources");
  if (resources === undefined || !(isFilled(resources["limits"]) || isFilled(resources["requests"]))) return;
  const given = objectAt(resources, "requests") ?? {};
  for (const [name, sum] of sumOfContainers(spec, "limits")) {
    if (!name.startsWith("hugepages-") || Object.hasOwn(given, name)) continue;
    copyMissing(set.within(resources, "limits"), { [name]: sum }, set);
  }
  const limits = objectAt(resources, "limits");
  if (limits === undefined || !isFilled(limits)) return;
  const defaults: JsonObject = {};
  for (const [name, amount] of Object.entries(limits)) if (isPodLevelResource(name)) defaults[name] = amount;
  for (const [name, sum] of sumOfContainers(spec, "requests")) if (isOvercommittable(name)) defaults[name] = sum;
  if (isFilled(defaults)) copyMissing(set.within(resources, "requests"), defaults, set);
}

function podSpec(spec: JsonObject, set: Setter): void {
  set.ifZero(spec, "dnsPolicy", "ClusterFirst");
  set.ifZero(spec, "restartPolicy", "Always");
  set.within(spec, "securityContext");
  set.ifUnset(spec, "terminationGracePeriodSeconds", 30);
  set.ifZero(spec, "schedulerName", "default-scheduler");
  mirrorServiceAccount(spec, set);
  roundResources(spec, ["overhead"], set);
}

/** The deprecated serviceAccount always shows what serviceAccountName says. */
function mirrorServiceAccount(spec: JsonObject, set: Setter): void {
  const name = textAt(spec, "serviceAccountName") || textAt(spec, "serviceAccount");
  if (name === "") return;
  set.put(spec, "serviceAccountName", name);
  set.put(spec, "serviceAccount", name);
}

/** podIP is podIPs[0]; where they differ podIP wins, since older kubelets only know that one. */
function podStatus(status: JsonObject, set: Setter): void {
  const ip = textAt(status, "podIP");
  const first = textAt(itemsAt(status, "podIPs")[0], "ip");
  if (ip === "" && first !== "") set.put(status, "podIP", first);
  if (ip !== "" && ip !== first) set.put(status, "podIPs", [{ ip }]);
  roundResources(status, ["allocatedResources"], set);
}

function containerRule(value: JsonObject, set: Setter): void {
  if (textAt(value, "imagePullPolicy") === "")
    set.put(value, "imagePullPolicy", defaultPullPolicy(textAt(value, "image")));
  set.ifZero(value, "terminationMessagePath", "/dev/termination-log");
  set.ifZero(value, "terminationMessagePolicy", "File");
}

/** Labels that a workload without any takes over from its template. */
export function labelsFromTemplate(object: JsonObject): JsonObject | undefined {
  const labels = objectAt(objectAt(objectAt(objectAt(object, "spec"), "template"), "metadata"), "labels");
  return labels !== undefined && isFilled(labels) ? { ...labels } : undefined;
}
