/** Defaults of Services and Endpoints. */
import { isFilled, itemsAt, objectAt, textAt } from "../machinery/members.ts";
import type { JsonObject } from "../machinery/object.ts";
import type { DefaultRules, Setter } from "../schema/default.ts";

/** Three hours. */
const affinitySeconds = 10_800;

export const serviceDefaults: DefaultRules = {
  "io.k8s.api.core.v1.Service": service,
  "io.k8s.api.core.v1.ServicePort": (port, set) => set.ifZero(port, "protocol", "TCP"),
  "io.k8s.api.core.v1.EndpointPort": (port, set) => set.ifZero(port, "protocol", "TCP"),
};

function service(object: JsonObject, set: Setter): void {
  const spec = set.within(object, "spec");
  sessionAffinity(spec, set);
  set.ifZero(spec, "type", "ClusterIP");
  for (const port of itemsAt(spec, "ports")) set.ifZero(port, "targetPort", port["port"] ?? 0);
  const type = textAt(spec, "type");
  const isReachable = type === "NodePort" || type === "LoadBalancer";
  if (isReachable || (type === "ClusterIP" && isFilled(spec["externalIPs"])))
    set.ifZero(spec, "externalTrafficPolicy", "Cluster");
  if (isReachable || type === "ClusterIP") set.ifUnset(spec, "internalTrafficPolicy", "Cluster");
  if (type !== "LoadBalancer") return;
  set.ifUnset(spec, "allocateLoadBalancerNodePorts", true);
  for (const ingress of itemsAt(objectAt(objectAt(object, "status"), "loadBalancer"), "ingress")) {
    if (textAt(ingress, "ip") !== "") set.ifUnset(ingress, "ipMode", "VIP");
  }
}

function sessionAffinity(spec: JsonObject, set: Setter): void {
  set.ifZero(spec, "sessionAffinity", "None");
  const affinity = textAt(spec, "sessionAffinity");
  if (affinity === "None") delete spec["sessionAffinityConfig"];
  if (affinity === "ClientIP")
    set.ifUnset(set.within(set.within(spec, "sessionAffinityConfig"), "clientIP"), "timeoutSeconds", affinitySeconds);
}
