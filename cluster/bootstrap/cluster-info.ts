import { stringify } from "yaml";
import { clusterInfo } from "../../api/core/cluster-info.ts";
import type { KubeObject } from "../../api/machinery/object.ts";

/** Where joining machines find the server. */
export interface ClusterInfo {
  /** https://host:port */
  readonly server: string;
  readonly caPem: string;
}

/** What machines that join read before they are anybody; signed by the bootstrap signer. */
export function clusterInfoConfigMap({ server, caPem }: ClusterInfo): KubeObject {
  const cluster = { "certificate-authority-data": Buffer.from(caPem).toString("base64"), server };
  const kubeconfig = {
    apiVersion: "v1",
    clusters: [{ cluster, name: "" }],
    contexts: [],
    "current-context": "",
    kind: "Config",
    users: [],
  };
  return {
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name: clusterInfo.name, namespace: clusterInfo.namespace },
    data: { [clusterInfo.kubeconfigKey]: stringify(kubeconfig, { lineWidth: 0 }) },
  } as KubeObject;
}

const apiVersion = "rbac.authorization.k8s.io/v1";
const apiGroup = "rbac.authorization.k8s.io";
/** Of tokens that are made for machines to join by. */
const joiningGroup = "system:bootstrappers:kubeadm:default-node-token";

/**
 * Everybody may read cluster-info; who comes by a token that is for it may ask for a node's certificate, and gets it; a
 * node may have a new one. Under kubeadm's names.
 * https://kubernetes.io/docs/reference/access-authn-authz/kubelet-tls-bootstrapping/
 */
export function joiningObjects(): readonly KubeObject[] {
  const { namespace } = clusterInfo;
  const name = "kubeadm:bootstrap-signer-clusterinfo";
  const resourceNames = [clusterInfo.name];
  return [
    {
      apiVersion,
      kind: "Role",
      metadata: { name, namespace },
      rules: [{ verbs: ["get"], apiGroups: [""], resources: ["configmaps"], resourceNames }],
    } as KubeObject,
    {
      apiVersion,
      kind: "RoleBinding",
      metadata: { name, namespace },
      roleRef: { apiGroup, kind: "Role", name },
      subjects: [{ apiGroup, kind: "User", name: "system:anonymous" }],
    } as KubeObject,
    bindingOf("kubeadm:kubelet-bootstrap", "system:node-bootstrapper", joiningGroup),
    bindingOf(
      "kubeadm:node-autoapprove-bootstrap",
      "system:certificates.k8s.io:certificatesigningrequests:nodeclient",
      joiningGroup,
    ),
    bindingOf(
      "kubeadm:node-autoapprove-certificate-rotation",
      "system:certificates.k8s.io:certificatesigningrequests:selfnodeclient",
      "system:nodes",
    ),
  ];
}

function bindingOf(name: string, role: string, group: string): KubeObject {
  return {
    apiVersion,
    kind: "ClusterRoleBinding",
    metadata: { name },
    roleRef: { apiGroup, kind: "ClusterRole", name: role },
    subjects: [{ apiGroup, kind: "Group", name: group }],
  } as KubeObject;
}
