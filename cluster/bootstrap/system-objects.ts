import type { KubeObject } from "../../api/machinery/object.ts";
import { systemObjects } from "./facts.ts";
import { flowControlObjects } from "./flow-control.ts";
import { rbacObjects } from "./rbac.ts";

/** In an order in which each can be created: namespaces before what lives in them. */
export function namespaceObjects(): readonly KubeObject[] {
  return Object.keys(systemObjects.namespaces).map((name) => ({
    apiVersion: "v1",
    kind: "Namespace",
    metadata: { name },
  }));
}

/** Everything else that does not depend on how the server was started. */
export function standardObjects(served: ReadonlySet<string>): readonly KubeObject[] {
  return [...rbacObjects(), ...priorityClasses(), ...flowControlObjects(), ...apiServices(served)];
}

function priorityClasses(): readonly KubeObject[] {
  return Object.entries(systemObjects.priorityClasses).map(
    ([name, { value }]) =>
      ({
        apiVersion: "scheduling.k8s.io/v1",
        kind: "PriorityClass",
        metadata: { name },
        value,
        description:
          name === "system-node-critical"
            ? "Used for system critical pods that must not be moved from their current node."
            : "Used for system critical pods that must run in the cluster, but can be moved to another node if necessary.",
      }) as KubeObject,
  );
}

/** One for each group-version that this server serves (`served`: `v1`, `apps/v1`). */
function apiServices(served: ReadonlySet<string>): readonly KubeObject[] {
  return systemObjects.apiServices
    .map(([name, groupPriorityMinimum, versionPriority]) => {
      const dot = name.indexOf(".");
      return { name, version: name.slice(0, dot), group: name.slice(dot + 1), groupPriorityMinimum, versionPriority };
    })
    .filter(({ group, version }) => served.has(group === "" ? version : `${group}/${version}`))
    .map(
      ({ name, ...spec }) =>
        ({
          apiVersion: "apiregistration.k8s.io/v1",
          kind: "APIService",
          metadata: { name, labels: { "kube-aggregator.kubernetes.io/automanaged": "onstart" } },
          spec,
        }) as KubeObject,
    );
}
