import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { SubjectAccessReview } from "../../api/generated/types/authorization-v1.ts";
import type { Transport, UserInfo } from "../../api/wire.ts";
import { call } from "../../client/call.ts";
import { allControllers } from "../../controllers/all.ts";
import { apiServerOnly, createCluster, type TestCluster } from "../testing.ts";

const group = "rbac.authorization.k8s.io";
let cluster: TestCluster;
let transport: Transport;

/** Every user whom somebody knows. */
function user(name: string, ...groups: readonly string[]): UserInfo {
  return { name, groups: [...groups, "system:authenticated"] };
}

function account(namespace: string, name: string): UserInfo {
  const groups = ["system:serviceaccounts", `system:serviceaccounts:${namespace}`];
  return user(`system:serviceaccount:${namespace}:${name}`, ...groups);
}

const anonymous: UserInfo = { name: "system:anonymous", groups: ["system:unauthenticated"] };

beforeAll(async () => {
  // The roles of users are put together by a controller.
  cluster = await createCluster({ ...apiServerOnly, controllers: ["clusterrole-aggregation-controller"] });
  transport = cluster.as(user("admin", "system:masters"));
  const url = `/apis/${group}/v1/namespaces/default/rolebindings`;
  for (const name of ["view", "edit", "admin", "cluster-admin"])
    await call(transport, {
      method: "POST",
      url,
      body: {
        metadata: { name },
        roleRef: { apiGroup: group, kind: "ClusterRole", name },
        subjects: [{ kind: "User", apiGroup: group, name: `${name}er` }],
      },
    });
  await cluster.settled();
});

afterAll(() => cluster[Symbol.asyncDispose]());

/** `get pods`, `get pods/log in default`, `update leases.coordination.k8s.io named x in y`, `get /version`. */
function specOf({ name, groups }: UserInfo, question: string): object {
  const [, verb, what = "", named, namespace] = /^(\S+) (\S+)(?: named (\S+))?(?: in (\S+))?$/.exec(question) ?? [];
  const who = { user: name, groups };
  if (what.startsWith("/")) return { ...who, nonResourceAttributes: { verb, path: what } };
  const [full = "", subresource] = what.split("/");
  const [resource, ...of] = full.split(".");
  return { ...who, resourceAttributes: { verb, resource, group: of.join("."), subresource, name: named, namespace } };
}

async function isAllowed(who: UserInfo, question: string): Promise<boolean> {
  const url = "/apis/authorization.k8s.io/v1/subjectaccessreviews";
  const review = await call<SubjectAccessReview>(transport, {
    method: "POST",
    url,
    body: { spec: specOf(who, question) },
  });
  return review.status?.allowed === true;
}

/** https://kubernetes.io/docs/reference/access-authn-authz/rbac/#default-roles-and-role-bindings */
const policy: readonly {
  readonly who: UserInfo;
  readonly may: readonly string[];
  readonly mayNot: readonly string[];
}[] = [
  {
    who: anonymous,
    may: ["get /healthz", "get /livez", "get /readyz", "get /version", "get /version/"],
    mayNot: [
      ...["get /", "get /api", "get /apis/apps/v1", "get /openapi/v3", "get /metrics", "get /healthz/etcd"],
      ...["post /version", "get pods in default", "create selfsubjectaccessreviews.authorization.k8s.io"],
      ...["get /.well-known/openid-configuration", "get configmaps named cluster-info in kube-system"],
    ],
  },
  {
    who: user("jane"),
    may: [
      ...["get /api", "get /api/v1", "get /apis/apps/v1", "get /openapi/v2", "get /healthz", "get /version"],
      ...[
        "create selfsubjectaccessreviews.authorization.k8s.io",
        "create selfsubjectrulesreviews.authorization.k8s.io",
      ],
      "create selfsubjectreviews.authentication.k8s.io",
    ],
    mayNot: [
      ...["get /metrics", "get /logs/", "get /healthz/etcd", "head /api"],
      ...["get pods in default", "list namespaces", "get nodes", "create namespaces"],
      ...["create subjectaccessreviews.authorization.k8s.io", "create tokenreviews.authentication.k8s.io"],
      ...["impersonate users named admin", "get clusterroles.rbac.authorization.k8s.io"],
      "create certificatesigningrequests.certificates.k8s.io",
    ],
  },
  {
    who: user("viewer"),
    may: [
      ...["get pods in default", "list pods in default", "watch pods in default", "get pods/log named web in default"],
      ...["get configmaps in default", "list services in default", "get deployments.apps in default"],
      ...[
        "get deployments.apps/scale in default",
        "list cronjobs.batch in default",
        "get namespaces named default in default",
      ],
      ...["list endpointslices.discovery.k8s.io in default", "get resourcequotas/status in default"],
      ...["list events.events.k8s.io in default", "get serviceaccounts in default"],
      "list ingresses.networking.k8s.io in default",
    ],
    mayNot: [
      ...["get secrets in default", "create pods in default", "delete pods in default", "get pods in kube-system"],
      ...["list pods", "get pods/exec in default", "create pods/exec in default", "list namespaces", "get nodes"],
      ...["get roles.rbac.authorization.k8s.io in default", "list rolebindings.rbac.authorization.k8s.io in default"],
      ...["update deployments.apps/scale in default", "get leases.coordination.k8s.io in default"],
      "list persistentvolumes",
    ],
  },
  {
    who: user("editer"),
    may: [
      ...["get secrets in default", "create pods in default", "deletecollection pods in default"],
      ...["create pods/exec in default", "create pods/portforward in default", "get pods/attach in default"],
      ...["create pods/eviction in default", "update deployments.apps/scale in default", "patch configmaps in default"],
      ...[
        "create serviceaccounts/token in default",
        "impersonate serviceaccounts in default",
        "get pods/log in default",
      ],
      ...["delete events in default", "create poddisruptionbudgets.policy in default", "delete jobs.batch in default"],
    ],
    mayNot: [
      ...["create roles.rbac.authorization.k8s.io in default", "get rolebindings.rbac.authorization.k8s.io in default"],
      ...[
        "update resourcequotas in default",
        "create limitranges in default",
        "delete namespaces named default in default",
      ],
      ...["create pods in kube-system", "create namespaces", "create endpoints in default", "impersonate users"],
      ...[
        "create endpointslices.discovery.k8s.io in default",
        "create localsubjectaccessreviews.authorization.k8s.io in default",
      ],
    ],
  },
  {
    who: user("adminer"),
    may: [
      ...[
        "create roles.rbac.authorization.k8s.io in default",
        "delete rolebindings.rbac.authorization.k8s.io in default",
      ],
      ...["create localsubjectaccessreviews.authorization.k8s.io in default", "get secrets in default"],
      ...["create pods in default", "get namespaces named default in default", "list events in default"],
    ],
    mayNot: [
      ...[
        "escalate roles.rbac.authorization.k8s.io in default",
        "bind clusterroles.rbac.authorization.k8s.io in default",
      ],
      ...["update resourcequotas in default", "delete namespaces named default in default", "get nodes"],
      ...["create clusterroles.rbac.authorization.k8s.io", "create roles.rbac.authorization.k8s.io in kube-system"],
      "get endpointslices.discovery.k8s.io in kube-public",
    ],
  },
  {
    who: user("cluster-adminer"),
    may: ["* * in default", "delete namespaces named default in default", "brew teas.example.com in default"],
    mayNot: ["get pods in kube-system", "get nodes", "get /metrics", "* *"],
  },
  {
    who: user("root", "system:masters"),
    may: [
      "* *",
      "get /metrics",
      "delete namespaces named kube-system",
      "escalate clusterroles.rbac.authorization.k8s.io",
    ],
    mayNot: [],
  },
  {
    who: user("system:kube-scheduler"),
    may: [
      ...[
        "list pods",
        "watch nodes",
        "create pods/binding in default",
        "delete pods in default",
        "update pods/status in x",
      ],
      ...[
        "create leases.coordination.k8s.io in kube-system",
        "get leases.coordination.k8s.io named kube-scheduler in kube-system",
      ],
      ...[
        "list persistentvolumes",
        "update persistentvolumeclaims in default",
        "create events.events.k8s.io in default",
      ],
      ...["list csinodes.storage.k8s.io", "get configmaps named extension-apiserver-authentication in kube-system"],
      ...[
        "create subjectaccessreviews.authorization.k8s.io",
        "list poddisruptionbudgets.policy",
        "list storageclasses.storage.k8s.io",
      ],
    ],
    mayNot: [
      ...[
        "create pods in default",
        "update pods in default",
        "get secrets in default",
        "delete nodes",
        "get configmaps in default",
      ],
      ...["create pods/eviction in default", "delete leases.coordination.k8s.io in kube-system"],
    ],
  },
  {
    who: user("system:kube-controller-manager"),
    may: [
      ...[
        "list *.*",
        "watch secrets",
        "create serviceaccounts/token in kube-system",
        "update serviceaccounts in default",
      ],
      ...[
        "update leases.coordination.k8s.io named kube-controller-manager in kube-system",
        "delete secrets in default",
      ],
    ],
    mayNot: [
      "create pods in default",
      "delete pods in default",
      "get nodes",
      "create clusterrolebindings.rbac.authorization.k8s.io",
    ],
  },
  {
    who: user("system:kube-proxy"),
    may: [
      "list services",
      "watch endpointslices.discovery.k8s.io",
      "get nodes",
      "create events in default",
      "list servicecidrs.networking.k8s.io",
    ],
    mayNot: ["get secrets in default", "list pods", "update nodes/status", "update services in default"],
  },
  {
    who: user("prober", "system:monitoring"),
    may: [
      "get /metrics",
      "get /metrics/slis",
      "get /healthz/etcd",
      "get /livez/ping",
      "get /statusz",
      "get nodes/metrics",
    ],
    mayNot: ["get /debug/pprof/", "get nodes", "list pods"],
  },
  {
    // Nodes have an authorizer of their own: the role is bound to nobody.
    who: user("a-node-by-its-group-alone", "system:nodes"),
    may: ["get /api/v1"],
    mayNot: ["get pods in default", "get secrets in default", "update nodes/status", "create csinodes.storage.k8s.io"],
  },
  {
    who: account("default", "default"),
    may: ["get /api/v1", "get /openid/v1/jwks", "get /.well-known/openid-configuration"],
    mayNot: ["get pods in default", "get configmaps in default", "create serviceaccounts/token in default"],
  },
  {
    who: account("kube-system", "deployment-controller"),
    may: [
      "update deployments.apps/status in default",
      "create replicasets.apps in default",
      "update pods in default",
      "list pods",
    ],
    mayNot: ["create pods in default", "delete deployments.apps in default", "get secrets in default"],
  },
  {
    who: account("kube-system", "generic-garbage-collector"),
    may: ["delete pods in default", "list widgets.example.com", "patch secrets in default"],
    mayNot: ["create pods in default", "deletecollection pods in default", "get /metrics"],
  },
  {
    who: account("kube-system", "clusterrole-aggregation-controller"),
    may: ["escalate clusterroles.rbac.authorization.k8s.io", "patch clusterroles.rbac.authorization.k8s.io"],
    mayNot: [
      "create clusterroles.rbac.authorization.k8s.io",
      "bind clusterroles.rbac.authorization.k8s.io",
      "get pods in default",
    ],
  },
  {
    who: account("kube-system", "bootstrap-signer"),
    may: ["update configmaps named cluster-info in kube-public", "list secrets in kube-system"],
    mayNot: [
      "update configmaps named other in kube-public",
      "list secrets in default",
      "delete secrets in kube-system",
    ],
  },
  {
    // The account of the same name elsewhere is another one.
    who: account("default", "deployment-controller"),
    may: [],
    mayNot: ["list pods", "create replicasets.apps in default"],
  },
];

describe("upstream's policy", () => {
  it.each(policy)("lets $who.name do what it should, and nothing else", async ({ who, may, mayNot }) => {
    const allowed: string[] = [];
    for (const question of [...may, ...mayNot]) if (await isAllowed(who, question)) allowed.push(question);
    expect(allowed).toEqual(may);
  });

  it.each(allControllers.filter(({ asManager }) => asManager !== true))(
    "knows the user of $name",
    async (controller) => {
      const { name, serviceAccount = name } = controller;
      const answer = await cluster.as(account("kube-system", serviceAccount))({
        method: "POST",
        url: "/apis/authorization.k8s.io/v1/selfsubjectrulesreviews",
        headers: { "content-type": "application/json" },
        object: { spec: { namespace: "kube-system" } },
        signal: new AbortController().signal,
        peer: { address: "in process" },
      });
      expect(answer.status).toBe(201);
      const text = answer.body.type === "bytes" ? Buffer.from(answer.body.bytes).toString() : "";
      const { status } = JSON.parse(text) as { status: { resourceRules: object[] } };
      // Everybody may ask what he may do: that is two rules.
      expect(status.resourceRules.length).toBeGreaterThan(2);
    },
  );
});

describe("nobody whom no credentials name", () => {
  it.each([
    { url: "/healthz", status: 200 },
    { url: "/livez", status: 200 },
    { url: "/readyz?verbose", status: 200 },
    { url: "/version", status: 200 },
    { url: "/livez/ping", status: 403 },
    { url: "/api", status: 403 },
    { url: "/apis", status: 403 },
    { url: "/openapi/v2", status: 403 },
    { url: "/metrics", status: 403 },
    { url: "/api/v1/namespaces", status: 403 },
  ])("is answered $url with $status", async ({ url, status }) => {
    const answer = await cluster.as(anonymous)({
      method: "GET",
      url,
      headers: {},
      signal: new AbortController().signal,
      peer: { address: "in process" },
    });
    expect(answer.status).toBe(status);
  });
});
