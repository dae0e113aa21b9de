import type { KubeObject } from "../../api/machinery/object.ts";
import { systemObjects } from "./facts.ts";
import { flowControlObjects } from "./flow-control.ts";

/** In an order in which each can be created: namespaces before what lives in them. */
export function namespaceObjects(): readonly KubeObject[] {
  return Object.keys(systemObjects.namespaces).map((name) => ({
    apiVersion: "v1",
    kind: "Namespace",
    metadata: { name },
  }));
}

/** Everything else that does not depend on how the server was started, but for roles and their bindings. */
export function standardObjects(): readonly KubeObject[] {
  return [...priorityClasses(), ...flowControlObjects()];
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
