/** What a node may ask for, by resource. https://kubernetes.io/docs/reference/access-authn-authz/node/ */
import { qualified } from "../../../api/machinery/status.ts";
import { allowed, type Attributes, type Decision, noOpinion } from "../authorizer.ts";
import type { Vertex } from "./graph.ts";

/** A decision, or the kind of vertex that must be related to the node. */
export type Verdict = Decision | { readonly related: Vertex };

/** A request by a node. */
export interface Asked extends NonNullable<Attributes["resource"]> {
  readonly node: string;
  readonly verb: string;
}

type Rule = (asked: Asked) => Verdict;

const leaseNamespace = "kube-node-lease";

export function judge(asked: Asked): Verdict {
  const resource = qualified(asked);
  const rule = rules.get(resource);
  if (rule !== undefined) return rule(asked);
  return asked.subresource === "" && uniform.get(resource)?.includes(asked.verb) === true ? allowed : noOpinion;
}

const read = ["get", "list", "watch"];

/** The same for all nodes. */
const uniform: ReadonlyMap<string, readonly string[]> = new Map([
  ["tokenreviews.authentication.k8s.io", ["create"]],
  ["subjectaccessreviews.authorization.k8s.io", ["create"]],
  ["localsubjectaccessreviews.authorization.k8s.io", ["create"]],
  ["services", read],
  ["endpoints", ["get"]],
  ["events", ["create", "update", "patch"]],
  ["events.events.k8s.io", ["create", "update", "patch"]],
  ["certificatesigningrequests.certificates.k8s.io", ["create", ...read]],
  ["csidrivers.storage.k8s.io", read],
  ["runtimeclasses.node.k8s.io", read],
]);

const rules: ReadonlyMap<string, Rule> = new Map([
  ["secrets", readRelated("secret")],
  ["configmaps", readRelated("configmap")],
  ["persistentvolumeclaims", judgeClaim],
  ["persistentvolumes", getRelated("pv")],
  ["resourceclaims.resource.k8s.io", getRelated("resourceclaim")],
  ["volumeattachments.storage.k8s.io", getRelated("volumeattachment")],
  ["serviceaccounts", judgeServiceAccount],
  ["leases.coordination.k8s.io", judgeLease],
  ["csinodes.storage.k8s.io", judgeCsiNode],
  ["resourceslices.resource.k8s.io", judgeResourceSlice],
  ["nodes", judgeNode],
  ["pods", judgePod],
]);

function no(reason: string): Decision {
  return { opinion: "no opinion", reason };
}

function related({ name }: Asked, kind: Vertex): Verdict {
  return name === "" ? no("No Object name found") : { related: kind };
}

function getRelated(kind: Vertex): Rule {
  return (asked) => {
    if (asked.verb !== "get") return no("can only get individual resources of this type");
    return asked.subresource === "" ? related(asked, kind) : no("cannot get subresource");
  };
}

function readRelated(kind: Vertex): Rule {
  return (asked) => {
    if (!read.includes(asked.verb)) return no("can only read resources of this type");
    if (asked.subresource !== "") return no("cannot read subresource");
    return asked.namespace === "" ? no("can only read namespaced object of this type") : related(asked, kind);
  };
}

function judgeClaim(asked: Asked): Verdict {
  if (asked.subresource !== "status") return getRelated("pvc")(asked);
  return asked.verb === "update" || asked.verb === "patch"
    ? related(asked, "pvc")
    : no("can only get/update/patch this type");
}

/** Reads accounts for image credentials, and makes tokens for pods. */
function judgeServiceAccount(asked: Asked): Verdict {
  if (asked.verb === "get" && asked.subresource === "") return readRelated("serviceaccount")(asked);
  if (asked.verb !== "create" || asked.name === "") return no("can only create tokens for individual service accounts");
  return asked.subresource === "token"
    ? { related: "serviceaccount" }
    : no("can only create token subresource of serviceaccount");
}

const ownObject: readonly string[] = ["get", "create", "update", "patch", "delete"];

/** The name of what is created is not known yet: admission looks at it. */
function judgeLease({ verb, namespace, name, node }: Asked): Verdict {
  if (!ownObject.includes(verb)) return no("can only get, create, update, patch, or delete a node lease");
  if (namespace !== leaseNamespace) return no(`can only access leases in the "${leaseNamespace}" system namespace`);
  return verb === "create" || name === node
    ? allowed
    : no("can only access node lease with the same name as the requesting node");
}

function judgeCsiNode({ verb, subresource, name, node }: Asked): Verdict {
  if (!ownObject.includes(verb)) return no("can only get, create, update, patch, or delete a CSINode");
  if (subresource !== "") return no("cannot authorize CSINode subresources");
  return verb === "create" || name === node
    ? allowed
    : no("can only access CSINode with the same name as the requesting node");
}

function judgeResourceSlice(asked: Asked): Verdict {
  if (asked.subresource !== "") return no("cannot authorize ResourceSlice subresources");
  switch (asked.verb) {
    case "create":
      return allowed;
    case "get":
    case "update":
    case "patch":
    case "delete":
      return related(asked, "resourceslice");
    case "watch":
    case "list":
    case "deletecollection":
      return isNarrowedToNode(asked, "spec.nodeName")
        ? allowed
        : no("can only list/watch/deletecollection resourceslices with nodeName field selector");
    default:
      return no(
        "only the following verbs are allowed for a ResourceSlice: get, watch, list, create, update, patch, delete, deletecollection",
      );
  }
}

/** A node asks for itself before it is there, so that it need not be related to anything. */
function judgeNode({ verb, subresource, name, node }: Asked): Verdict {
  if (subresource === "status") return verb === "update" || verb === "patch" ? allowed : noOpinion;
  if (subresource !== "") return noOpinion;
  if (verb === "create" || verb === "update" || verb === "patch") return allowed;
  if (!read.includes(verb)) return noOpinion;
  if (name === node) return allowed;
  return name === ""
    ? no(`node '${node}' cannot read all nodes, only its own Node object`)
    : no(`node '${node}' cannot read '${name}', only its own Node object`);
}

/** Whose pods are made, changed and evicted is admission's to look at. */
function judgePod(asked: Asked): Verdict {
  const { verb, subresource, name } = asked;
  switch (`${verb} ${subresource}`) {
    case "get ":
      return related(asked, "pod");
    case "list ":
    case "watch ":
      if (isNarrowedToNode(asked, "spec.nodeName")) return allowed;
      return name === "" ? no("can only list/watch pods with spec.nodeName field selector") : { related: "pod" };
    case "create ":
    case "delete ":
    case "update status":
    case "patch status":
    case "create eviction":
      return allowed;
    default:
      return noOpinion;
  }
}

function isNarrowedToNode({ selectors, node }: Asked, field: string): boolean {
  return selectors?.fields.some((one) => one.field === field && one.operator === "=" && one.value === node) === true;
}
