/** Defaults of the apps group. */
import { itemsAt, objectAt, textAt } from "../machinery/members.ts";
import type { JsonObject } from "../machinery/object.ts";
import type { DefaultRules, Setter } from "../schema/default.ts";

export const appsDefaults: DefaultRules = {
  "io.k8s.api.apps.v1.Deployment": deployment,
  "io.k8s.api.apps.v1.DaemonSet": daemonSet,
  "io.k8s.api.apps.v1.StatefulSet": statefulSet,
  "io.k8s.api.apps.v1.ReplicaSet": (object, set) => set.ifUnset(set.within(object, "spec"), "replicas", 1),
};

function deployment(object: JsonObject, set: Setter): void {
  const spec = set.within(object, "spec");
  const strategy = set.within(spec, "strategy");
  set.ifUnset(spec, "replicas", 1);
  set.ifZero(strategy, "type", "RollingUpdate");
  if (textAt(strategy, "type") === "RollingUpdate") {
    const rolling = set.within(strategy, "rollingUpdate");
    set.ifUnset(rolling, "maxUnavailable", "25%");
    set.ifUnset(rolling, "maxSurge", "25%");
  }
  set.ifUnset(spec, "revisionHistoryLimit", 10);
  set.ifUnset(spec, "progressDeadlineSeconds", 600);
}

function daemonSet(object: JsonObject, set: Setter): void {
  const spec = set.within(object, "spec");
  const strategy = set.within(spec, "updateStrategy");
  set.ifZero(strategy, "type", "RollingUpdate");
  if (textAt(strategy, "type") === "RollingUpdate") {
    const rolling = set.within(strategy, "rollingUpdate");
    set.ifUnset(rolling, "maxUnavailable", 1);
    set.ifUnset(rolling, "maxSurge", 0);
  }
  set.ifUnset(spec, "revisionHistoryLimit", 10);
}

function statefulSet(object: JsonObject, set: Setter): void {
  const spec = set.within(object, "spec");
  const strategy = set.within(spec, "updateStrategy");
  set.ifZero(spec, "podManagementPolicy", "OrderedReady");
  if (textAt(strategy, "type") === "") {
    set.put(strategy, "type", "RollingUpdate");
    set.within(strategy, "rollingUpdate");
  }
  const rolling = objectAt(strategy, "rollingUpdate");
  if (textAt(strategy, "type") === "RollingUpdate" && rolling !== undefined) set.ifUnset(rolling, "partition", 0);
  const retention = set.within(spec, "persistentVolumeClaimRetentionPolicy");
  set.ifZero(retention, "whenDeleted", "Retain");
  set.ifZero(retention, "whenScaled", "Retain");
  set.ifUnset(spec, "replicas", 1);
  set.ifUnset(spec, "revisionHistoryLimit", 10);
  // Upstream's conversion names the type of these nested objects: https://issue.k8s.io/87583
  for (const claim of itemsAt(spec, "volumeClaimTemplates")) {
    set.put(claim, "kind", "PersistentVolumeClaim");
    set.put(claim, "apiVersion", "v1");
  }
}
