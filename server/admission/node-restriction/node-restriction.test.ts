import { describe, expect, it } from "vitest";
import type { Node, Pod, PodSpec, Volume } from "../../../api/generated/types/core-v1.ts";
import type { KubeObject } from "../../../api/machinery/object.ts";
import { allowed, type Authorizer, noOpinion } from "../../../auth/authz/authorizer.ts";
import { sampleRequests } from "../../../certs/sample-requests.testing.ts";
import { admissionRequest, holding, refusal } from "../objects.testing.ts";
import { nodeRestriction } from "./node-restriction.ts";

type Given = Parameters<typeof admissionRequest>[1];

const user = { name: "system:node:mine", groups: ["system:nodes", "system:authenticated"] };
const owner = { apiVersion: "v1", kind: "Node", name: "mine", uid: "node-uid", controller: true };

function podOf(name: string, spec: Partial<PodSpec> = {}, metadata: Pod["metadata"] = {}): Pod & KubeObject {
  return {
    metadata: { name, namespace: "ns", uid: `${name}-uid`, ...metadata },
    spec: { containers: [{ name: "c" }], ...spec },
  };
}

function mirror(spec: Partial<PodSpec> = {}, metadata: Pod["metadata"] = {}): Pod & KubeObject {
  const annotations = { "kubernetes.io/config.mirror": "x" };
  return podOf("static", { nodeName: "mine", ...spec }, { annotations, ownerReferences: [owner], ...metadata });
}

const audience = (name: string): Volume[] => [
  { name: "token", projected: { sources: [{ serviceAccountToken: { audience: name, path: "token" } }] } },
];
const objects = {
  nodes: [{ metadata: { name: "mine", uid: "node-uid" } }],
  pods: [
    podOf("own", { nodeName: "mine", volumes: audience("vault") }),
    podOf("other", { nodeName: "other" }),
    podOf("unbound"),
    podOf("inline", { nodeName: "mine", volumes: [{ name: "v", csi: { driver: "csi.example.com" } }] }),
    podOf("lost", { nodeName: "mine", volumes: [{ name: "v", persistentVolumeClaim: { claimName: "gone" } }] }),
    podOf("claimed", { nodeName: "mine", volumes: [{ name: "v", persistentVolumeClaim: { claimName: "data" } }] }),
  ],
  persistentvolumeclaims: [{ metadata: { name: "data", namespace: "ns" }, spec: { volumeName: "pv" } }],
  persistentvolumes: [{ metadata: { name: "pv" }, spec: { awsElasticBlockStore: { volumeID: "v" } } }],
  "csidrivers.storage.k8s.io": [
    { metadata: { name: "csi.example.com" }, spec: { tokenRequests: [{ audience: "driver" }] } },
    { metadata: { name: "ebs.csi.aws.com" }, spec: { tokenRequests: [{ audience: "ebs" }] } },
  ],
};

function judged(resource: string, given: Given, authorize: Authorizer = () => noOpinion): Promise<string | undefined> {
  return refusal(
    nodeRestriction({ reader: holding(objects), authorize }),
    admissionRequest(resource, { user, ...given }),
  );
}

describe("pods", () => {
  const refused = (why: string, name = "static"): string => `pods "${name}" is forbidden: ${why}`;
  const itself = "can only create pods with an owner reference set to itself";
  const volumes = (source: object): Partial<PodSpec> => ({ volumes: [{ name: "v", ...source }] });
  const references = (what: string): string => refused(`node "mine" can not create pods that reference ${what}`);

  it.each<[string, Pod & KubeObject, string | undefined]>([
    ["a mirror pod of its own", mirror(volumes({ hostPath: { path: "/" } })), undefined],
    [
      "an ordinary pod",
      podOf("static", { nodeName: "mine" }),
      refused('pod does not have "kubernetes.io/config.mirror" annotation, node "mine" can only create mirror pods'),
    ],
    [
      "one of another node",
      mirror({ nodeName: "other" }),
      refused('node "mine" can only create pods with spec.nodeName set to itself'),
    ],
    [
      "two owners",
      mirror({}, { ownerReferences: [owner, owner] }),
      refused('node "mine" can only create pods with a single owner reference set to itself'),
    ],
    ["no owner", mirror({}, { ownerReferences: [] }), refused(`node "mine" ${itself}`)],
    [
      "another node's",
      mirror({}, { ownerReferences: [{ ...owner, name: "other" }] }),
      refused(`node "mine" ${itself}`),
    ],
    ["another kind's", mirror({}, { ownerReferences: [{ ...owner, kind: "Pod" }] }), refused(`node "mine" ${itself}`)],
    [
      "an owner that does not control it",
      mirror({}, { ownerReferences: [{ ...owner, controller: false }] }),
      refused('node "mine" can only create pods with a controller owner reference set to itself'),
    ],
    [
      "an owner that it would keep",
      mirror({}, { ownerReferences: [{ ...owner, blockOwnerDeletion: true }] }),
      refused('node "mine" must not set blockOwnerDeletion on an owner reference'),
    ],
    [
      "an earlier node of its name",
      mirror({}, { ownerReferences: [{ ...owner, uid: "old" }] }),
      refused("node mine UID mismatch: expected old got node-uid"),
    ],
    ["an account", mirror({ serviceAccountName: "default" }), references("serviceaccounts")],
    ["a secret", mirror(volumes({ secret: { secretName: "s" } })), references("secrets")],
    ["a pull secret", mirror({ imagePullSecrets: [{ name: "s" }] }), references("secrets")],
    ["a config map", mirror(volumes({ configMap: { name: "c" } })), references("configmaps")],
    ["a claim", mirror(volumes({ persistentVolumeClaim: { claimName: "c" } })), references("persistentvolumeclaims")],
    ["a device", mirror({ resourceClaims: [{ name: "d" }] }), references("resourceclaims")],
    ["a driver", mirror(volumes({ csi: { driver: "d" } })), references("csidrivers (via CSI volumes)")],
    [
      "an ephemeral claim",
      mirror(volumes({ ephemeral: {} })),
      references("persistentvolumeclaims (via ephemeral volumes)"),
    ],
    ["a projected token", mirror({ volumes: audience("a") }), references("serviceaccounts (via projected volumes)")],
    [
      "what nobody knows",
      mirror(volumes({ fancy: {} })),
      refused('error checking mirror pod for API references: unknown volume type for volume  "v"'),
    ],
  ])("are created: %s", async (_what, object, expected) => {
    expect(await judged("pods", { object })).toBe(expected);
  });

  it("are deleted and evicted on the node itself only", async () => {
    const remove = (name: string): Promise<string | undefined> => judged("pods", { old: podOf(name) });
    expect(await remove("own")).toBe(undefined);
    expect(await remove("other")).toBe(
      refused('node "mine" can only delete pods with spec.nodeName set to itself', "other"),
    );
    expect(await remove("gone")).toBe('pod "gone" not found');
    const evict = (name: string): Promise<string | undefined> =>
      judged("pods", { subresource: "eviction", name, object: { metadata: { name } } });
    expect(await evict("own")).toBe(undefined);
    expect(await evict("other")).toBe(
      refused("node mine can only evict pods with spec.nodeName set to itself", "other"),
    );
    expect(await evict("gone")).toBe('pod "gone" not found');
  });

  it("are told the state of, on the node itself only", async () => {
    const tell = (after: object, before: Pod & KubeObject = podOf("p", { nodeName: "mine" })): Promise<unknown> =>
      judged("pods", { subresource: "status", old: before, object: { ...before, ...after } });
    expect(await tell({ status: { phase: "Running" } })).toBe(undefined);
    expect(await tell({}, podOf("p", { nodeName: "other" }))).toBe(
      refused('node "mine" can only update pod status for pods with spec.nodeName set to itself', "p"),
    );
    expect(await tell({ metadata: { name: "p", labels: { app: "web" } } })).toBe(
      refused('node "mine" cannot update labels through pod status', "p"),
    );
    expect(await tell({ status: { resourceClaimStatuses: [{ name: "a" }] } })).toBe(
      refused('node "mine" cannot update resource claim statues', "p"),
    );
    expect(
      await tell({ status: { extendedResourceClaimStatus: { resourceClaimName: "c", requestMappings: [] } } }),
    ).toBe(refused('node "mine" cannot update extended resource claim status', "p"));
  });

  it("are not changed otherwise", async () => {
    const pod = podOf("own", { nodeName: "mine" });
    expect(await judged("pods", { old: pod, object: pod })).toBe(
      refused('unexpected operation "UPDATE", node "mine" can only create and delete mirror pods', "own"),
    );
    expect(await judged("pods", { subresource: "binding", object: pod })).toBe(
      refused(`unexpected pod subresource "binding", only 'status' and 'eviction' are allowed`, "own"),
    );
  });
});

describe("nodes", () => {
  const nodeOf = (metadata: Node["metadata"] = {}, spec: Node["spec"] = {}): Node & KubeObject => ({
    metadata: { name: "mine", ...metadata },
    spec,
  });
  const refused = (why: string, name = "mine"): string => `nodes "${name}" is forbidden: ${why}`;

  it.each<[object, string | undefined]>([
    [
      {
        "kubernetes.io/hostname": "mine",
        "topology.kubernetes.io/zone": "z",
        "node.kubernetes.io/x": "1",
        "a.kubelet.kubernetes.io/x": "1",
        "example.com/x": "1",
        plain: "1",
      },
      undefined,
    ],
    [{ "node-role.kubernetes.io/control-plane": "" }, "node-role.kubernetes.io/control-plane"],
    [
      { "node-restriction.kubernetes.io/pci": "1", "a.node-restriction.kubernetes.io/b": "1" },
      "a.node-restriction.kubernetes.io/b, node-restriction.kubernetes.io/pci",
    ],
    [{ "kubernetes.io/other": "1", "x.k8s.io/y": "1" }, "kubernetes.io/other, x.k8s.io/y"],
  ])("labelled %o", async (labels, forbidden) => {
    expect(await judged("nodes", { object: nodeOf({ labels: { ...labels } }) })).toBe(
      forbidden && refused(`node "mine" is not allowed to set the following labels: ${forbidden}`),
    );
    expect(await judged("nodes", { old: nodeOf(), object: nodeOf({ labels: { ...labels } }) })).toBe(
      forbidden && refused(`is not allowed to modify labels: ${forbidden}`),
    );
    expect(await judged("nodes", { old: nodeOf({ labels: { ...labels } }), object: nodeOf() })).toBe(
      forbidden && refused(`is not allowed to modify labels: ${forbidden}`),
    );
    const same = nodeOf({ labels: { ...labels } });
    expect(await judged("nodes", { old: same, object: same })).toBe(undefined);
  });

  it("change nothing that gives them more", async () => {
    const configSource = { configMap: { name: "c", namespace: "n", kubeletConfigKey: "k" } };
    const taints = [{ key: "k", effect: "NoSchedule" }];
    expect(await judged("nodes", { object: nodeOf({}, { taints }) })).toBe(undefined);
    expect(await judged("nodes", { object: nodeOf({}, { configSource }) })).toBe(
      refused('node "mine" is not allowed to create pods with a non-nil configSource'),
    );
    expect(await judged("nodes", { old: nodeOf(), object: nodeOf({}, { configSource }) })).toBe(
      refused('node "mine" is not allowed to update configSource to a new non-nil configSource'),
    );
    expect(await judged("nodes", { old: nodeOf({}, { configSource }), object: nodeOf() })).toBe(undefined);
    expect(await judged("nodes", { old: nodeOf({}, { taints }), object: nodeOf() })).toBe(
      refused('node "mine" is not allowed to modify taints'),
    );
    expect(await judged("nodes", { old: nodeOf(), object: nodeOf({ ownerReferences: [owner] }) })).toBe(
      refused('node "mine" is not allowed to modify ownerReferences'),
    );
  });

  it("leave others alone", async () => {
    const other = nodeOf({ name: "other" });
    const expected = refused('node "mine" is not allowed to modify node "other"', "other");
    expect(await judged("nodes", { object: other })).toBe(expected);
    expect(await judged("nodes", { old: other, object: other, subresource: "status" })).toBe(expected);
    expect(await judged("nodes", { old: other })).toBe(expected);
  });
});

describe("tokens", () => {
  const refused = (why: string): string => `serviceaccounts "builder" is forbidden: ${why}`;
  const ask = (
    bound: object | undefined,
    audiences: readonly string[] = ["vault"],
    authorize?: Authorizer,
  ): Promise<string | undefined> => {
    const spec = { audiences, ...(bound === undefined ? {} : { boundObjectRef: bound }) };
    const given: Given = { name: "builder", subresource: "token", object: { spec } as KubeObject };
    return judged("serviceaccounts", given, authorize);
  };
  const pod = (name: string): object => ({ apiVersion: "v1", kind: "Pod", name, uid: `${name}-uid` });

  it("are bound to one of the node's pods", async () => {
    expect(await ask(pod("own"))).toBe(undefined);
    for (const other of [undefined, { ...pod("own"), kind: "Secret" }, { ...pod("own"), name: "" }])
      expect(await ask(other)).toBe(refused("node requested token not bound to a pod"));
    expect(await ask({ ...pod("own"), uid: "" })).toBe(
      refused("node requested token with a pod binding without a uid"),
    );
    expect(await ask({ ...pod("own"), uid: "old" })).toBe(
      refused(
        "the UID in the bound object reference (old) does not match the UID in record. The object might have been deleted and then recreated",
      ),
    );
    for (const other of ["other", "unbound"])
      expect(await ask(pod(other))).toBe(refused("node requested token bound to a pod scheduled on a different node"));
    expect(await ask(pod("gone"))).toBe('pod "gone" not found');
  });

  it("are for whom the pod talks to", async () => {
    expect(await ask(pod("inline"), ["driver"])).toBe(undefined);
    expect(await ask(pod("claimed"), ["ebs"])).toBe(undefined);
    expect(await ask(pod("own"), ["a", "b"])).toBe(refused("node may only request 0 or 1 audiences"));
    expect(await ask(pod("own"), ["bank"])).toBe(
      refused(
        'audience "bank" not found in pod spec volume, system:node:mine is not authorized to request tokens for this audience',
      ),
    );
    expect(await ask(pod("own"), [])).toContain('audience "" not found in pod spec volume');
    expect(await ask(pod("lost"), ["vault"])).toBe(
      refused('error validating audience "vault": persistentvolumeclaim "gone" not found'),
    );
    const permitting: Authorizer = ({ verb, resource }) =>
      verb === "request-serviceaccounts-token-audience" && resource?.resource === "bank" && resource.name === "builder"
        ? allowed
        : noOpinion;
    expect(await ask(pod("own"), ["bank"], permitting)).toBe(undefined);
  });
});

describe("certificates", () => {
  const csr = "certificatesigningrequests.certificates.k8s.io";
  const ask = (pem: string, signer = "kubelet-serving", by = "n1"): Promise<string | undefined> => {
    const spec = { request: Buffer.from(pem).toString("base64"), signerName: `kubernetes.io/${signer}`, usages: [] };
    const object = { metadata: { name: "c" }, spec } as KubeObject;
    return judged(csr, { object, user: { ...user, name: `system:node:${by}` } });
  };
  const refused = (why: string): string => `${csr} "c" is forbidden: ${why}`;

  it("are asked for in the node's own name", async () => {
    // For system:node:n1.
    const own = sampleRequests.ec;
    for (const signer of ["kubelet-serving", "kube-apiserver-client-kubelet"]) {
      expect(await ask(own, signer)).toBe(undefined);
      expect(await ask(own, signer, "mine")).toBe(refused("can only create a node CSR with CN=system:node:mine"));
      expect(await ask(sampleRequests.rsa, signer)).toBe(refused("can only create a node CSR with CN=system:node:n1"));
    }
    expect(await ask(sampleRequests.rsa, "kube-apiserver-client")).toBe(undefined);
    expect(await ask("nonsense")).toBe(refused("unable to parse csr: PEM block type must be CERTIFICATE REQUEST"));
  });
});

describe("a node's own objects", () => {
  it("carry its name", async () => {
    const lease = (name: string, namespace = "kube-node-lease"): Given => ({
      namespace,
      object: { metadata: { name } },
    });
    expect(await judged("leases.coordination.k8s.io", lease("mine"))).toBe(undefined);
    expect(await judged("leases.coordination.k8s.io", lease("other"))).toBe(
      'leases.coordination.k8s.io "other" is forbidden: can only access node lease with the same name as the requesting node',
    );
    expect(await judged("leases.coordination.k8s.io", lease("mine", "default"))).toBe(
      'leases.coordination.k8s.io "mine" is forbidden: can only access leases in the "kube-node-lease" system namespace',
    );
    expect(await judged("csinodes.storage.k8s.io", { object: { metadata: { name: "mine" } } })).toBe(undefined);
    expect(await judged("csinodes.storage.k8s.io", { object: { metadata: { name: "other" } } })).toBe(
      'csinodes.storage.k8s.io "other" is forbidden: can only access CSINode with the same name as the requesting node',
    );
    const slice = (nodeName: string): KubeObject => ({ metadata: { name: "s" }, spec: { nodeName } }) as KubeObject;
    const slices = "resourceslices.resource.k8s.io";
    expect(await judged(slices, { object: slice("mine") })).toBe(undefined);
    expect(await judged(slices, { object: slice("other") })).toBe(
      `${slices} "s" is forbidden: can only create ResourceSlice with the same NodeName as the requesting node`,
    );
    expect(await judged(slices, { old: slice("other") })).toBe(
      `${slices} "s" is forbidden: can only delete ResourceSlice with the same NodeName as the requesting node`,
    );
  });

  it("grow, if they are claims", async () => {
    const claim = (status: object, metadata: object = {}): KubeObject =>
      ({ metadata: { name: "data", ...metadata }, spec: { volumeName: "pv" }, status }) as KubeObject;
    const claims = "persistentvolumeclaims";
    const grow = (object: KubeObject): Promise<string | undefined> =>
      judged(claims, { subresource: "status", old: claim({ phase: "Bound" }), object });
    const sizes = { capacity: { storage: "2Gi" }, conditions: [], allocatedResources: { storage: "2Gi" } };
    expect(await grow(claim({ phase: "Bound", ...sizes }, { resourceVersion: "2" }))).toBe(undefined);
    const expected =
      'persistentvolumeclaims "data" is forbidden: node "mine" is not allowed to update fields other than status.quantity and status.conditions: @@';
    expect(await grow(claim({ phase: "Lost" }))).toContain(expected);
    expect(await grow(claim({ phase: "Bound" }, { finalizers: ["a/b"] }))).toContain(expected);
    expect(await judged(claims, { object: claim({}) })).toBe(
      'persistentvolumeclaims "data" is forbidden: may only update PVC status',
    );
  });

  it("are nobody else's business", async () => {
    const other = { metadata: { name: "other" } };
    expect(await judged("nodes", { object: other, user: { name: "ann", groups: [] } })).toBe(undefined);
    expect(await judged("nodes", { object: other, user: { ...user, groups: [] } })).toBe(undefined);
    expect(await judged("services", { object: other })).toBe(undefined);
    expect(await judged("nodes", { object: other, user: { ...user, name: "system:node:" } })).toBe(
      'nodes "other" is forbidden: could not determine node from user "system:node:"',
    );
  });
});
