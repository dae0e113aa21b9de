/** What a `kubectl create GENERATOR` command is given, and what must come back from the server. */
export interface Generator {
  readonly args: readonly string[];
  readonly wants: object;
  readonly cluster?: true;
}

export interface GeneratorFiles {
  readonly text: string;
  readonly env: string;
  readonly certificate: string;
  readonly key: string;
}

const rbac = { apiGroup: "rbac.authorization.k8s.io" };

/** In an order in which later ones may use earlier ones. `run` marks the names of objects without a namespace. */
export function generators(files: GeneratorFiles, run: string): readonly Generator[] {
  return [...data(files), ...workloads(), ...access(run), ...policy(run), ...network()];
}

function data({ text, env, certificate, key }: GeneratorFiles): readonly Generator[] {
  return [
    {
      args: ["configmap", "settings", "--from-literal=a=1", `--from-file=text=${text}`],
      wants: { kind: "ConfigMap", data: { a: "1", text: "some text\n" } },
    },
    { args: ["configmap", "environment", `--from-env-file=${env}`], wants: { data: { ONE: "1", TWO: "two words" } } },
    {
      args: ["secret", "generic", "token", "--from-literal=token=s3cret", "--type=conformance.example/token"],
      wants: { kind: "Secret", type: "conformance.example/token", data: { token: "czNjcmV0" } },
    },
    {
      args: ["secret", "tls", "serving", `--cert=${certificate}`, `--key=${key}`],
      wants: { type: "kubernetes.io/tls", data: {} },
    },
    {
      args: [
        "secret",
        "docker-registry",
        "pull",
        "--docker-server=registry.example",
        "--docker-username=u",
        "--docker-password=p",
      ],
      wants: {
        type: "kubernetes.io/dockerconfigjson",
        data: {
          ".dockerconfigjson": Buffer.from(
            '{"auths":{"registry.example":{"username":"u","password":"p","auth":"dTpw"}}}',
          ).toString("base64"),
        },
      },
    },
    { args: ["serviceaccount", "robot"], wants: { apiVersion: "v1", kind: "ServiceAccount" } },
  ];
}

function workloads(): readonly Generator[] {
  const image = "registry.example/app:1";
  return [
    {
      args: ["deployment", "web", `--image=${image}`, "--replicas=2", "--port=8080", "--", "/app", "serve"],
      wants: {
        apiVersion: "apps/v1",
        metadata: { labels: { app: "web" } },
        spec: {
          replicas: 2,
          selector: { matchLabels: { app: "web" } },
          template: {
            spec: {
              containers: [{ name: "app", image, command: ["/app", "serve"], ports: [{ containerPort: 8080 }] }],
            },
          },
        },
      },
    },
    {
      args: ["job", "once", `--image=${image}`, "--", "/app", "once"],
      wants: {
        apiVersion: "batch/v1",
        kind: "Job",
        spec: { template: { spec: { restartPolicy: "Never", containers: [{ command: ["/app", "once"] }] } } },
      },
    },
    {
      args: ["cronjob", "yearly", `--image=${image}`, "--schedule=0 0 1 1 *", "--restart=OnFailure"],
      wants: {
        kind: "CronJob",
        spec: { schedule: "0 0 1 1 *", jobTemplate: { spec: { template: { spec: { restartPolicy: "OnFailure" } } } } },
      },
    },
    {
      args: ["job", "manual", "--from=cronjob/yearly"],
      wants: {
        metadata: {
          annotations: { "cronjob.kubernetes.io/instantiate": "manual" },
          ownerReferences: [{ apiVersion: "batch/v1", kind: "CronJob", name: "yearly", controller: true }],
        },
      },
    },
  ];
}

function access(run: string): readonly Generator[] {
  return [
    {
      args: ["role", "reader", "--verb=get,list", "--resource=pods,deployments.apps,pods/log"],
      wants: {
        kind: "Role",
        rules: [
          { verbs: ["get", "list"], apiGroups: [""], resources: ["pods", "pods/log"] },
          { verbs: ["get", "list"], apiGroups: ["apps"], resources: ["deployments"] },
        ],
      },
    },
    {
      args: ["clusterrole", `conformance-metrics-${run}`, "--verb=get", "--non-resource-url=/metrics"],
      wants: { kind: "ClusterRole", rules: [{ verbs: ["get"], nonResourceURLs: ["/metrics"] }] },
      cluster: true,
    },
    {
      args: ["clusterrole", `conformance-sum-${run}`, "--aggregation-rule=conformance.example/part=of-none"],
      wants: {
        aggregationRule: { clusterRoleSelectors: [{ matchLabels: { "conformance.example/part": "of-none" } }] },
      },
      cluster: true,
    },
    {
      args: [
        "rolebinding",
        "readers",
        "--role=reader",
        "--user=jane",
        "--group=testers",
        "--serviceaccount=default:robot",
      ],
      wants: {
        roleRef: { ...rbac, kind: "Role", name: "reader" },
        subjects: [
          { ...rbac, kind: "User", name: "jane" },
          { ...rbac, kind: "Group", name: "testers" },
          { kind: "ServiceAccount", name: "robot", namespace: "default" },
        ],
      },
    },
    {
      args: ["clusterrolebinding", `conformance-viewers-${run}`, "--clusterrole=view", "--user=conformance-nobody"],
      wants: {
        roleRef: { kind: "ClusterRole", name: "view" },
        subjects: [{ kind: "User", name: "conformance-nobody" }],
      },
      cluster: true,
    },
  ];
}

function policy(run: string): readonly Generator[] {
  return [
    {
      args: ["quota", "small", "--hard=pods=2", "--scopes=BestEffort"],
      wants: { kind: "ResourceQuota", spec: { hard: { pods: "2" }, scopes: ["BestEffort"] } },
    },
    {
      args: ["poddisruptionbudget", "careful", "--selector=app=web", "--min-available=50%"],
      wants: { apiVersion: "policy/v1", spec: { minAvailable: "50%", selector: { matchLabels: { app: "web" } } } },
    },
    {
      args: ["priorityclass", `conformance-low-${run}`, "--value=10", "--description=low", "--preemption-policy=Never"],
      wants: { value: 10, description: "low", preemptionPolicy: "Never" },
      cluster: true,
    },
  ];
}

function network(): readonly Generator[] {
  return [
    {
      args: [
        "ingress",
        "main",
        "--class=none",
        "--default-backend=web:80",
        "--rule=one.conformance.example/path*=web:8080,tls=serving",
      ],
      wants: {
        apiVersion: "networking.k8s.io/v1",
        spec: {
          ingressClassName: "none",
          defaultBackend: { service: { name: "web", port: { number: 80 } } },
          tls: [{ hosts: ["one.conformance.example"], secretName: "serving" }],
          rules: [
            {
              host: "one.conformance.example",
              http: {
                paths: [
                  { path: "/path", pathType: "Prefix", backend: { service: { name: "web", port: { number: 8080 } } } },
                ],
              },
            },
          ],
        },
      },
    },
    {
      args: ["service", "clusterip", "inner", "--tcp=80:8080"],
      wants: {
        spec: {
          type: "ClusterIP",
          selector: { app: "inner" },
          ports: [{ name: "80-8080", port: 80, targetPort: 8080, protocol: "TCP" }],
        },
      },
    },
    {
      args: ["service", "clusterip", "headless", "--clusterip=None"],
      wants: { spec: { clusterIP: "None", clusterIPs: ["None"] } },
    },
    {
      args: ["service", "nodeport", "outer", "--tcp=80"],
      wants: { spec: { type: "NodePort", ports: [{ port: 80, targetPort: 80 }] } },
    },
    {
      args: ["service", "loadbalancer", "wide", "--tcp=443:8443"],
      wants: { spec: { type: "LoadBalancer", allocateLoadBalancerNodePorts: true } },
    },
    {
      args: ["service", "externalname", "elsewhere", "--external-name=db.conformance.example"],
      wants: { spec: { type: "ExternalName", externalName: "db.conformance.example" } },
    },
  ];
}
