import { expect, it } from "vitest";
import type { Transport, UserInfo } from "../api/wire.ts";
import { call } from "../client/call.ts";
import { createCluster } from "./testing.ts";

const here = "/namespaces/default";

function template(app: string): object {
  return { metadata: { labels: { app } }, spec: { containers: [{ name: "app", image: "registry.example/app:1" }] } };
}

function selector(app: string): object {
  return { matchLabels: { app } };
}

const once = { restartPolicy: "Never", containers: [{ name: "app", image: "registry.example/app:1" }] };
const claim = {
  metadata: { name: "data" },
  spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Gi" } } },
};

/** Something for most components to do. */
const objects: readonly (readonly [path: string, name: string, spec: object])[] = [
  [`/apis/apps/v1${here}/deployments`, "web", { replicas: 3, selector: selector("web"), template: template("web") }],
  [`/apis/apps/v1${here}/daemonsets`, "each", { selector: selector("each"), template: template("each") }],
  [
    `/apis/apps/v1${here}/statefulsets`,
    "db",
    {
      serviceName: "db",
      replicas: 2,
      selector: selector("db"),
      template: template("db"),
      volumeClaimTemplates: [claim],
    },
  ],
  [`/api/v1${here}/services`, "web", { selector: { app: "web" }, ports: [{ port: 80 }] }],
  [`/apis/batch/v1${here}/jobs`, "once", { ttlSecondsAfterFinished: 10, template: { spec: once } }],
  [
    `/apis/batch/v1${here}/cronjobs`,
    "often",
    { schedule: "* * * * *", jobTemplate: { spec: { template: { spec: once } } } },
  ],
  [`/apis/policy/v1${here}/poddisruptionbudgets`, "web", { minAvailable: 1, selector: selector("web") }],
  [
    `/apis/autoscaling/v2${here}/horizontalpodautoscalers`,
    "web",
    {
      maxReplicas: 5,
      scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name: "web" },
      metrics: [
        { type: "Resource", resource: { name: "cpu", target: { type: "Utilization", averageUtilization: 50 } } },
      ],
    },
  ],
  [`/api/v1${here}/resourcequotas`, "few", { hard: { pods: "50" } }],
  [`/apis/networking.k8s.io/v1/servicecidrs`, "more", { cidrs: ["10.97.0.0/24"] }],
  [`/api/v1/namespaces`, "gone", {}],
];

/** https://kubernetes.io/docs/reference/access-authn-authz/rbac/#core-component-roles */
it("no component is refused what it needs, and none is an administrator", { timeout: 120_000 }, async () => {
  const users = new Map<string, UserInfo>();
  const refused = new Set<string>();
  const watched = (transport: Transport, user: UserInfo): Transport => {
    users.set(user.name, user);
    return async (request) => {
      const answer = await transport(request);
      if (answer.status === 401 || answer.status === 403) refused.add(`${user.name}: ${request.method} ${request.url}`);
      return answer;
    };
  };
  await using cluster = await createCluster({ nodes: 2, clock: "simulated", through: watched });
  const admin = cluster.as({ name: "admin", groups: ["system:masters"] });
  for (const [url, name, spec] of objects)
    await call(admin, { method: "POST", url, body: { metadata: { name }, spec } });
  await call(admin, {
    method: "POST",
    url: "/api/v1/namespaces/gone/configmaps",
    body: { metadata: { name: "left" } },
  });
  await cluster.advance("3m");
  for (const url of [
    "/api/v1/namespaces/gone",
    `/apis/apps/v1${here}/deployments/web`,
    `/apis/apps/v1${here}/statefulsets/db`,
  ])
    await call(admin, { method: "DELETE", url });
  await cluster.advance("10m");
  expect([...refused]).toEqual([]);
  expect(users.size).toBeGreaterThan(30);
  expect([...users.values()].filter(({ groups }) => groups.includes("system:masters"))).toEqual([]);
});
