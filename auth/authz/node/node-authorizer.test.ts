import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { PersistentVolume, Pod, PodStatus } from "../../../api/generated/types/core-v1.ts";
import type { Attributes } from "../authorizer.ts";
import { requestSelectors } from "../request-selectors.ts";
import { NodeGraph } from "./graph.ts";
import { podLinks, volumeLinks } from "./links.ts";
import { nodeAuthorizer } from "./node-authorizer.ts";

type Resource = NonNullable<Attributes["resource"]>;

const user = { name: "system:node:one", groups: ["system:nodes", "system:authenticated"] };
const about = (resource: Partial<Resource>): Resource => ({
  ...{ group: "", version: "v1", resource: "pods", subresource: "", namespace: "", name: "" },
  ...resource,
});

function add(graph: NodeGraph, pod: Pod): void {
  const { namespace = "", name = "" } = pod.metadata ?? {};
  graph.setPod({ namespace, name }, podLinks(pod));
}

function podOf(name: string, nodeName: string, spec: Partial<Pod["spec"]> = {}, more: Partial<Pod> = {}): Pod {
  return {
    metadata: { name, namespace: "ns" },
    spec: { containers: [{ name: "c" }], ...(nodeName === "" ? {} : { nodeName }), ...spec },
    ...more,
  };
}

const rich: Partial<Pod["spec"]> = {
  serviceAccountName: "builder",
  imagePullSecrets: [{ name: "pull" }],
  initContainers: [
    { name: "i", envFrom: [{ secretRef: { name: "init-all" } }, { configMapRef: { name: "init-map" } }] },
  ],
  containers: [
    {
      name: "c",
      env: [
        { name: "A", valueFrom: { secretKeyRef: { name: "env-key", key: "a" } } },
        { name: "B", valueFrom: { configMapKeyRef: { name: "env-map", key: "a" } } },
      ],
    },
  ],
  ephemeralContainers: [{ name: "e", envFrom: [{ secretRef: { name: "ephemeral" } }] }],
  volumes: [
    { name: "secret", secret: { secretName: "mounted" } },
    { name: "map", configMap: { name: "mounted-map" } },
    {
      name: "projected",
      projected: { sources: [{ secret: { name: "projected" } }, { configMap: { name: "projected-map" } }] },
    },
    { name: "csi", csi: { driver: "d", nodePublishSecretRef: { name: "publish" } } },
    { name: "ceph", cephfs: { monitors: ["m"], secretRef: { name: "ceph" } } },
    { name: "azure", azureFile: { secretName: "azure", shareName: "s" } },
    { name: "claim", persistentVolumeClaim: { claimName: "data" } },
    { name: "scratch", ephemeral: {} },
  ],
  resourceClaims: [
    { name: "direct", resourceClaimName: "gpu" },
    { name: "made", resourceClaimTemplateName: "t" },
    { name: "unmade", resourceClaimTemplateName: "t" },
  ],
};

const status: PodStatus = {
  resourceClaimStatuses: [{ name: "made", resourceClaimName: "rich-made-x" }],
  extendedResourceClaimStatus: { resourceClaimName: "extended", requestMappings: [] },
};

const volume: PersistentVolume = {
  metadata: { name: "pv" },
  spec: {
    claimRef: { namespace: "ns", name: "data" },
    csi: {
      driver: "d",
      volumeHandle: "h",
      nodeStageSecretRef: { namespace: "storage", name: "stage" },
      controllerPublishSecretRef: { namespace: "storage", name: "controller" },
    },
  },
};

function populated(): NodeGraph {
  const graph = new NodeGraph();
  add(graph, podOf("rich", "one", rich, { status }));
  add(graph, podOf("other", "two", { imagePullSecrets: [{ name: "others" }], serviceAccountName: "other" }));
  add(graph, podOf("waiting", "", { imagePullSecrets: [{ name: "waiting" }] }));
  const annotations = { "kubernetes.io/config.mirror": "x" };
  const metadata = { name: "static", namespace: "ns", annotations };
  add(graph, podOf("static", "one", { imagePullSecrets: [{ name: "static" }] }, { metadata }));
  graph.setVolume("pv", volumeLinks(volume));
  graph.setVolume("unbound", volumeLinks({ metadata: { name: "unbound" }, spec: {} }));
  graph.setOwned("volumeattachment", "va", "one");
  graph.setOwned("resourceslice", "slice", "one");
  graph.setOwned("resourceslice", "pool", undefined);
  return graph;
}

const asked = (verb: string, resource: Partial<Resource>, by = user): unknown =>
  nodeAuthorizer(populated)({ user: by, verb, path: "", resource: about(resource) });
const allow = { opinion: "allow", reason: "" };
const refused = (reason: string): object => ({ opinion: "no opinion", reason });
const unrelated = refused("no relationship found between node 'one' and this object");
const fieldSelector = (text: string): Partial<Resource> => ({ selectors: requestSelectors(text, "") });

describe("a node may read what its pods need", () => {
  const secrets = ["pull", "init-all", "env-key", "ephemeral", "mounted", "projected", "publish", "ceph", "azure"];
  it.each<[string, Partial<Resource>]>([
    ...secrets.map((name): [string, Partial<Resource>] => ["get", { resource: "secrets", namespace: "ns", name }]),
    ["list", { resource: "secrets", namespace: "ns", name: "pull" }],
    ["watch", { resource: "secrets", namespace: "ns", name: "pull" }],
    ...["init-map", "env-map", "mounted-map", "projected-map"].map((name): [string, Partial<Resource>] => [
      "watch",
      { resource: "configmaps", namespace: "ns", name },
    ]),
    ["get", { resource: "persistentvolumeclaims", namespace: "ns", name: "data" }],
    ["get", { resource: "persistentvolumeclaims", namespace: "ns", name: "rich-scratch" }],
    ["patch", { resource: "persistentvolumeclaims", namespace: "ns", name: "data", subresource: "status" }],
    ["get", { resource: "persistentvolumes", name: "pv" }],
    ["get", { resource: "secrets", namespace: "storage", name: "stage" }],
    ["get", { resource: "serviceaccounts", namespace: "ns", name: "builder" }],
    ["create", { resource: "serviceaccounts", namespace: "ns", name: "builder", subresource: "token" }],
    ...["gpu", "rich-made-x", "extended"].map((name): [string, Partial<Resource>] => [
      "get",
      { group: "resource.k8s.io", resource: "resourceclaims", namespace: "ns", name },
    ]),
    ["get", { group: "storage.k8s.io", resource: "volumeattachments", name: "va" }],
    ["get", { resource: "pods", namespace: "ns", name: "rich" }],
    ["get", { resource: "pods", namespace: "ns", name: "static" }],
    ["watch", { resource: "pods", namespace: "ns", name: "rich" }],
    ["list", { resource: "pods", ...fieldSelector("spec.nodeName=one") }],
    ["watch", { resource: "pods", ...fieldSelector("status.phase!=Failed,spec.nodeName==one") }],
    ...["get", "list", "watch"].map((verb): [string, Partial<Resource>] => [verb, { resource: "nodes", name: "one" }]),
    ["update", { group: "resource.k8s.io", resource: "resourceslices", name: "slice" }],
    [
      "deletecollection",
      { group: "resource.k8s.io", resource: "resourceslices", ...fieldSelector("spec.nodeName=one") },
    ],
    ["get", { group: "coordination.k8s.io", resource: "leases", namespace: "kube-node-lease", name: "one" }],
    ["create", { group: "coordination.k8s.io", resource: "leases", namespace: "kube-node-lease" }],
    ["delete", { group: "storage.k8s.io", resource: "csinodes", name: "one" }],
    ["watch", { resource: "services" }],
    ["create", { group: "events.k8s.io", resource: "events", namespace: "ns" }],
    ["create", { group: "certificates.k8s.io", resource: "certificatesigningrequests" }],
    ["create", { resource: "pods", namespace: "ns" }],
    ["create", { resource: "pods", namespace: "ns", name: "other", subresource: "eviction" }],
    ["patch", { resource: "nodes", name: "one", subresource: "status" }],
  ])("%s %o", (verb, resource) => {
    expect(asked(verb, resource)).toEqual(allow);
  });
});

describe("a node may not", () => {
  const leases = { group: "coordination.k8s.io", resource: "leases" };
  const slices = { group: "resource.k8s.io", resource: "resourceslices" };
  const reads = "can only read resources of this type";
  it.each<[string, Partial<Resource>, object]>([
    ["get", { resource: "secrets", namespace: "ns", name: "others" }, unrelated],
    ["get", { resource: "secrets", namespace: "ns", name: "waiting" }, unrelated],
    ["get", { resource: "secrets", namespace: "ns", name: "static" }, unrelated],
    ["get", { resource: "secrets", namespace: "elsewhere", name: "pull" }, unrelated],
    ["get", { resource: "secrets", namespace: "storage", name: "controller" }, unrelated],
    ["get", { resource: "configmaps", namespace: "ns", name: "pull" }, unrelated],
    ["list", { resource: "secrets", namespace: "ns" }, refused("No Object name found")],
    ["list", { resource: "secrets" }, refused("can only read namespaced object of this type")],
    ["update", { resource: "secrets", namespace: "ns", name: "pull" }, refused(reads)],
    [
      "get",
      { resource: "secrets", namespace: "ns", name: "pull", subresource: "s" },
      refused("cannot read subresource"),
    ],
    ["list", { resource: "persistentvolumes" }, refused("can only get individual resources of this type")],
    ["get", { resource: "persistentvolumes", name: "pv", subresource: "status" }, refused("cannot get subresource")],
    ["get", { resource: "persistentvolumes", name: "unbound" }, unrelated],
    ["get", { resource: "persistentvolumes", namespace: "ns", name: "pv" }, unrelated],
    [
      "get",
      { resource: "persistentvolumeclaims", namespace: "ns", name: "data", subresource: "status" },
      refused("can only get/update/patch this type"),
    ],
    ["create", { resource: "serviceaccounts", namespace: "ns", name: "other", subresource: "token" }, unrelated],
    [
      "create",
      { resource: "serviceaccounts", namespace: "ns" },
      refused("can only create tokens for individual service accounts"),
    ],
    [
      "create",
      { resource: "serviceaccounts", namespace: "ns", name: "builder" },
      refused("can only create token subresource of serviceaccount"),
    ],
    ["get", { resource: "nodes", name: "two" }, refused("node 'one' cannot read 'two', only its own Node object")],
    ["list", { resource: "nodes" }, refused("node 'one' cannot read all nodes, only its own Node object")],
    ["delete", { resource: "nodes", name: "one" }, refused("")],
    ["get", { resource: "nodes", name: "one", subresource: "proxy" }, refused("")],
    ["list", { resource: "pods" }, refused("can only list/watch pods with spec.nodeName field selector")],
    [
      "list",
      { resource: "pods", ...fieldSelector("spec.nodeName=two") },
      refused("can only list/watch pods with spec.nodeName field selector"),
    ],
    [
      "list",
      { resource: "pods", ...fieldSelector("spec.nodeName!=one") },
      refused("can only list/watch pods with spec.nodeName field selector"),
    ],
    ["get", { resource: "pods", namespace: "ns", name: "other" }, unrelated],
    ["update", { resource: "pods", namespace: "ns", name: "rich" }, refused("")],
    ["create", { resource: "pods", namespace: "ns", name: "rich", subresource: "exec" }, refused("")],
    [
      "get",
      { ...leases, namespace: "kube-node-lease", name: "two" },
      refused("can only access node lease with the same name as the requesting node"),
    ],
    [
      "get",
      { ...leases, namespace: "kube-system", name: "one" },
      refused('can only access leases in the "kube-node-lease" system namespace'),
    ],
    [
      "list",
      { ...leases, namespace: "kube-node-lease" },
      refused("can only get, create, update, patch, or delete a node lease"),
    ],
    ["get", { ...slices, name: "pool" }, unrelated],
    ["list", slices, refused("can only list/watch/deletecollection resourceslices with nodeName field selector")],
    ["patch", { resource: "services", namespace: "ns", name: "s" }, refused("")],
    ["get", { group: "apps", resource: "deployments", namespace: "ns", name: "d" }, refused("")],
    ["get", { group: "example.com", resource: "secrets", namespace: "ns", name: "pull" }, refused("")],
  ])("%s %o", (verb, resource, expected) => {
    expect(asked(verb, resource)).toEqual(expected);
  });

  it("act without being one", () => {
    const resource = { resource: "secrets", namespace: "ns", name: "pull" };
    expect(asked("get", resource, { ...user, groups: ["system:authenticated"] })).toEqual(refused(""));
    expect(asked("get", resource, { ...user, name: "one" })).toEqual(refused(""));
    expect(asked("get", resource, { ...user, name: "system:node:" })).toEqual(
      refused('unknown node for user "system:node:"'),
    );
    expect(nodeAuthorizer(populated)({ user, verb: "get", path: "/metrics" })).toEqual(refused(""));
  });
});

it("waits for the relations only where it needs them", async () => {
  const authorize = nodeAuthorizer(() => Promise.resolve(populated()));
  expect(authorize({ user, verb: "get", path: "", resource: about({ resource: "nodes", name: "one" }) })).toEqual(
    allow,
  );
  const secret = about({ resource: "secrets", namespace: "ns", name: "pull" });
  expect(await authorize({ user, verb: "get", path: "", resource: secret })).toEqual(allow);
});

describe("whatever happens", () => {
  const name = fc.constantFrom("a", "b", "c");
  const node = fc.constantFrom("one", "two", "");
  const change = fc.oneof(
    fc.record({
      type: fc.constant("pod" as const),
      name,
      node,
      secret: name,
      claim: fc.option(name, { nil: undefined }),
      isStatic: fc.boolean(),
    }),
    fc.record({ type: fc.constant("pod gone" as const), name }),
    fc.record({
      type: fc.constant("volume" as const),
      name,
      claim: fc.option(name, { nil: undefined }),
      secret: fc.option(name, { nil: undefined }),
    }),
    fc.record({ type: fc.constant("volume gone" as const), name }),
  );

  it("a node reaches a secret only through one of its pods", () => {
    fc.assert(
      fc.property(fc.array(change, { maxLength: 25 }), (changes) => {
        const graph = new NodeGraph();
        const pods = new Map<string, Pod>();
        const volumes = new Map<string, PersistentVolume>();
        for (const one of changes) {
          if (one.type === "pod") {
            const pod = podOf(one.name, one.node, {
              imagePullSecrets: [{ name: one.secret }],
              volumes: one.claim === undefined ? [] : [{ name: "v", persistentVolumeClaim: { claimName: one.claim } }],
            });
            if (one.isStatic) pod.metadata = { ...pod.metadata, annotations: { "kubernetes.io/config.mirror": "x" } };
            pods.set(one.name, pod);
            add(graph, pod);
          } else if (one.type === "pod gone") {
            pods.delete(one.name);
            graph.setPod({ namespace: "ns", name: one.name }, undefined);
          } else if (one.type === "volume") {
            const bound = one.claim === undefined ? {} : { claimRef: { namespace: "ns", name: one.claim } };
            const secretRef = one.secret === undefined ? {} : { secretRef: { name: one.secret } };
            const pv = { metadata: { name: one.name }, spec: { ...bound, cephfs: { monitors: [], ...secretRef } } };
            volumes.set(one.name, pv);
            graph.setVolume(one.name, volumeLinks(pv));
          } else {
            volumes.delete(one.name);
            graph.setVolume(one.name, undefined);
          }
        }
        for (const asking of ["one", "two"])
          for (const secret of ["a", "b", "c"])
            expect(graph.relates(asking, "secret", { namespace: "ns", name: secret })).toBe(
              needs(asking, secret, pods, volumes),
            );
      }),
    );
  });
});

/** The same, without an index. */
function needs(
  node: string,
  secret: string,
  pods: ReadonlyMap<string, Pod>,
  volumes: ReadonlyMap<string, PersistentVolume>,
): boolean {
  for (const { metadata, spec } of pods.values()) {
    if (spec?.nodeName !== node || metadata?.annotations !== undefined) continue;
    if (spec.imagePullSecrets?.some(({ name }) => name === secret) === true) return true;
    const claims = (spec.volumes ?? []).map(({ persistentVolumeClaim }) => persistentVolumeClaim?.claimName);
    for (const { spec: volumeSpec } of volumes.values())
      if (claims.includes(volumeSpec?.claimRef?.name ?? " ") && volumeSpec?.cephfs?.secretRef?.name === secret)
        return true;
  }
  return false;
}
