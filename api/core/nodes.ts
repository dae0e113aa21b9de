import type { Node } from "../generated/types/core-v1.ts";
import { deepClone } from "../machinery/clone.ts";
import type { DeepReadonly } from "../machinery/object.ts";
import { age } from "../machinery/printing/age.ts";
import { orNone } from "../machinery/printing/cells.ts";
import { ageColumn, nameColumn } from "../machinery/printing/columns.ts";
import { defineResource, type ResourceRow, type WriteContext } from "../resource.ts";
import { validateNode, validateNodeUpdate } from "./node-validation.ts";

type ReadonlyNode = DeepReadonly<Node>;

export const nodes: ResourceRow = defineResource<Node>({
  group: "",
  version: "v1",
  kind: "Node",
  plural: "nodes",
  shortNames: ["no"],
  scope: "Cluster",
  definition: "io.k8s.api.core.v1.Node",
  storagePrefix: "minions",
  storageVersionHash: "XwShjMxG9Fs=",
  subresources: [
    {
      name: "proxy",
      kind: "NodeProxyOptions",
      verbs: ["create", "delete", "get", "patch", "update"],
      connect: true,
    },
    { name: "status", verbs: ["get", "patch", "update"] },
  ],
  // Not `main: ["status"]`: a kubelet registers its node with the status in the same request. See prepareForUpdate.
  reset: { status: ["spec"] },
  unconditionalUpdate: true,
  prepareForUpdate,
  validate: validateNode,
  validateUpdate: validateNodeUpdate,
  selectableFields: { "spec.unschedulable": ({ spec }) => String(spec?.unschedulable ?? false) },
  table: {
    columns: [
      nameColumn,
      { name: "Status", type: "string", description: "Whether the node is ready, and whether it takes new pods." },
      { name: "Roles", type: "string", description: "Roles that the node's labels give it." },
      ageColumn,
      { name: "Version", type: "string", description: "Version of the node's kubelet." },
      { name: "Internal-IP", type: "string", priority: 1, description: "First address inside the cluster." },
      { name: "External-IP", type: "string", priority: 1, description: "First address outside the cluster." },
      { name: "OS-Image", type: "string", priority: 1, description: "Operating system." },
      { name: "Kernel-Version", type: "string", priority: 1, description: "Version of the kernel." },
      {
        name: "Container-Runtime",
        type: "string",
        priority: 1,
        description: "Runtime that runs the containers, with its version.",
      },
    ],
    cells: (node, { now }) => {
      const info = node.status?.nodeInfo;
      return [
        node.metadata?.name ?? "",
        status(node),
        orNone(roles(node.metadata?.labels ?? {}).join(",")),
        age(node.metadata?.creationTimestamp, now),
        info?.kubeletVersion ?? "",
        address(node, "InternalIP"),
        address(node, "ExternalIP"),
        info?.osImage || "<unknown>",
        info?.kernelVersion || "<unknown>",
        info?.containerRuntimeVersion || "<unknown>",
      ];
    },
  },
});

function status({ status: { conditions = [] } = {}, spec }: ReadonlyNode): string {
  const ready = conditions.findLast(({ type }) => type === "Ready");
  const text = ready === undefined ? "Unknown" : ready.status === "True" ? "Ready" : "NotReady";
  return spec?.unschedulable === true ? `${text},SchedulingDisabled` : text;
}

const rolePrefix = "node-role.kubernetes.io/";

/** `node-role.kubernetes.io/<role>: ""` and the older `kubernetes.io/role: <role>`. */
function roles(labels: Readonly<Record<string, string>>): string[] {
  const found = Object.entries(labels).map(([key, value]) => {
    if (key.startsWith(rolePrefix)) return key.slice(rolePrefix.length);
    return key === "kubernetes.io/role" ? value : "";
  });
  return [...new Set(found)].filter((role) => role !== "").sort();
}

function address({ status: { addresses = [] } = {} }: ReadonlyNode, type: string): string {
  return orNone(addresses.find((one) => one.type === type)?.address);
}

function prepareForUpdate(node: Node, old: ReadonlyNode, { subresource }: WriteContext): void {
  if (subresource !== "") return;
  if (old.status === undefined) delete node.status;
  else node.status = deepClone(old.status);
}
