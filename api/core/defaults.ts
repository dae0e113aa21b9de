/** Defaults of the core group. */
import { isFilled, objectAt, textAt } from "../machinery/members.ts";
import type { JsonObject } from "../machinery/object.ts";
import type { DefaultRules, Setter } from "../schema/default.ts";
import { labelsFromTemplate, podDefaults } from "./pod-defaults.ts";
import { copyMissing, roundedResources, roundResources } from "./resource-list-defaults.ts";
import { serviceDefaults } from "./service-defaults.ts";
import { volumeDefaults } from "./volume-defaults.ts";

export const coreDefaults: DefaultRules = {
  ...podDefaults,
  ...volumeDefaults,
  ...serviceDefaults,
  "io.k8s.api.core.v1.LimitRangeItem": limitRangeItem,
  "io.k8s.api.core.v1.Namespace": namespace,
  "io.k8s.api.core.v1.NamespaceStatus": (status, set) => set.ifZero(status, "phase", "Active"),
  "io.k8s.api.core.v1.NodeSpec": nodeSpec,
  "io.k8s.api.core.v1.NodeStatus": nodeStatus,
  "io.k8s.api.core.v1.ReplicationController": replicationController,
  "io.k8s.api.core.v1.ReplicationControllerSpec": (spec, set) => set.ifUnset(spec, "replicas", 1),
  "io.k8s.api.core.v1.ResourceQuotaSpec": roundedResources("hard"),
  "io.k8s.api.core.v1.ResourceQuotaStatus": roundedResources("hard", "used"),
  "io.k8s.api.core.v1.Secret": (secret, set) => set.ifZero(secret, "type", "Opaque"),
};

function limitRangeItem(item: JsonObject, set: Setter): void {
  if (textAt(item, "type") === "Container") {
    fillFrom(item, "default", "max", set);
    fillFrom(item, "defaultRequest", "default", set);
    fillFrom(item, "defaultRequest", "min", set);
  }
  roundResources(item, ["max", "min", "default", "defaultRequest", "maxLimitRequestRatio"], set);
}

function fillFrom(item: JsonObject, field: string, source: string, set: Setter): void {
  const from = objectAt(item, source);
  if (from !== undefined && isFilled(from)) copyMissing(set.within(item, field), from, set);
}

/** A namespace can be selected by its name; nobody can take the label away. */
function namespace(object: JsonObject, set: Setter): void {
  const metadata = set.within(object, "metadata");
  const name = textAt(metadata, "name");
  if (name !== "") set.put(set.within(metadata, "labels"), "kubernetes.io/metadata.name", name);
}

/** podCIDR is podCIDRs[0]; where they differ podCIDR wins. */
function nodeSpec(spec: JsonObject, set: Setter): void {
  const cidr = textAt(spec, "podCIDR");
  const first = Array.isArray(spec["podCIDRs"]) ? spec["podCIDRs"][0] : undefined;
  if (cidr === "" && typeof first === "string") set.put(spec, "podCIDR", first);
  if (cidr !== "" && cidr !== first) set.put(spec, "podCIDRs", [cidr]);
}

function nodeStatus(status: JsonObject, set: Setter): void {
  const capacity = objectAt(status, "capacity");
  if (capacity !== undefined && isFilled(capacity)) set.ifUnset(status, "allocatable", { ...capacity });
  roundResources(status, ["capacity", "allocatable"], set);
}

function replicationController(object: JsonObject, set: Setter): void {
  const labels = labelsFromTemplate(object);
  if (labels === undefined) return;
  const spec = set.within(object, "spec");
  const metadata = set.within(object, "metadata");
  if (!isFilled(spec["selector"])) set.put(spec, "selector", labels);
  if (!isFilled(metadata["labels"])) set.put(metadata, "labels", { ...labels });
}
