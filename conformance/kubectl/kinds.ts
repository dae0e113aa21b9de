/**
 * One row per built-in kind: the header lines that upstream's `kubectl get` prints, and the row it prints for the full
 * manifest. Cells are joined by " | ", empty ones left out; `*` stands for any text, AGE for an age, TIME for a time.
 * Cells that a controller fills are `*`, so that the rows hold on a cluster that has controllers, too.
 */
export interface KindRow {
  /** Below conformance/manifests. */
  readonly folder: string;
  readonly resource: string;
  readonly header: string;
  /** The further columns of `-o wide`, where they follow the others. */
  readonly wide?: string;
  readonly wideHeader?: string;
  readonly row: string;
  readonly cluster?: true;
  /** A body for /status, where the kind has that endpoint. */
  readonly status?: object;
  /** Labels or annotations move metadata.generation, too. */
  readonly metadataCounts?: true;
  /** A second apply is not without a patch: a list without merge keys has defaults or what admission added in it, or a map is always replaced. */
  readonly reapplies?: true;
  /** What `kubectl delete` waits for needs a controller: the object stays. */
  readonly stays?: true;
  /** Admission gives it a finalizer that a controller takes away. */
  readonly protected?: true;
}

const tested = {
  conditions: [
    {
      type: "conformance.example/Tested",
      status: "True",
      reason: "Tested",
      message: "by conformance",
      lastTransitionTime: "2026-01-02T03:04:05Z",
    },
  ],
};

const workload = "CONTAINERS | IMAGES | SELECTOR";

export const kinds: readonly KindRow[] = [
  { folder: "core/configmaps", resource: "configmaps", header: "NAME | DATA | AGE", row: "full | 5 | AGE" },
  {
    folder: "core/endpoints",
    resource: "endpoints",
    header: "NAME | ENDPOINTS | AGE",
    row: "full | 192.0.2.1:8080,192.0.2.2:8080 | AGE",
  },
  {
    folder: "core/events",
    resource: "events",
    header: "LAST SEEN | TYPE | REASON | OBJECT | MESSAGE",
    wideHeader: "LAST SEEN | TYPE | REASON | OBJECT | SUBOBJECT | SOURCE | MESSAGE | FIRST SEEN | COUNT | NAME",
    row: "AGE | Normal | Pulled | pod/web | Successfully pulled image",
  },
  { folder: "core/limitranges", resource: "limitranges", header: "NAME | CREATED AT", row: "full | TIME" },
  {
    folder: "core/namespaces",
    resource: "namespaces",
    cluster: true,
    stays: true,
    header: "NAME | STATUS | AGE",
    row: "conformance-full | Active | AGE",
    status: tested,
  },
  {
    folder: "core/nodes",
    resource: "nodes",
    cluster: true,
    reapplies: true,
    header: "NAME | STATUS | ROLES | AGE | VERSION",
    wide: "INTERNAL-IP | EXTERNAL-IP | OS-IMAGE | KERNEL-VERSION | CONTAINER-RUNTIME",
    row: "conformance-full | Ready,SchedulingDisabled | worker | AGE | v1.36.0",
    status: tested,
  },
  {
    folder: "core/persistentvolumeclaims",
    resource: "persistentvolumeclaims",
    protected: true,
    header: "NAME | STATUS | VOLUME | CAPACITY | ACCESS MODES | STORAGECLASS | VOLUMEATTRIBUTESCLASS | AGE",
    wide: "VOLUMEMODE",
    row: "full | Pending | conformance-none | conformance-none | AGE",
    status: tested,
  },
  {
    folder: "core/persistentvolumes",
    resource: "persistentvolumes",
    protected: true,
    cluster: true,
    header:
      "NAME | CAPACITY | ACCESS MODES | RECLAIM POLICY | STATUS | CLAIM | STORAGECLASS | VOLUMEATTRIBUTESCLASS | REASON | AGE",
    wide: "VOLUMEMODE",
    row: "conformance-full | 5Gi | RWO,ROX | Retain | * | default/nobodys | conformance-none | conformance-none | AGE",
    status: { message: "by conformance" },
  },
  {
    folder: "core/pods",
    resource: "pods",
    header: "NAME | READY | STATUS | RESTARTS | AGE",
    wide: "IP | NODE | NOMINATED NODE | READINESS GATES",
    row: "full | 0/3 | Pending | 0 | AGE",
    status: tested,
  },
  {
    folder: "core/podtemplates",
    resource: "podtemplates",
    header: "NAME | CONTAINERS | IMAGES | POD LABELS",
    row: "full | app,logger | registry.example/app:1,registry.example/logger:1 | app=full,tier=web",
  },
  {
    folder: "core/replicationcontrollers",
    resource: "replicationcontrollers",
    header: "NAME | DESIRED | CURRENT | READY | AGE",
    wide: workload,
    row: "full | 2 | * | 0 | AGE",
    status: tested,
  },
  {
    folder: "core/resourcequotas",
    resource: "resourcequotas",
    header: "NAME | REQUEST | LIMIT | AGE",
    row: "full* | AGE",
    status: { hard: { pods: "10" }, used: { pods: "1" } },
  },
  {
    folder: "core/secrets",
    resource: "secrets",
    header: "NAME | TYPE | DATA | AGE",
    row: "full | kubernetes.io/basic-auth | 2 | AGE",
  },
  { folder: "core/serviceaccounts", resource: "serviceaccounts", header: "NAME | AGE", row: "full | AGE" },
  {
    folder: "core/services",
    resource: "services",
    header: "NAME | TYPE | CLUSTER-IP | EXTERNAL-IP | PORT(S) | AGE",
    wide: "SELECTOR",
    row: "full | LoadBalancer | * | 198.51.100.4 | 80:*/TCP,53:*/UDP | AGE",
    status: tested,
  },
  {
    folder: "apiregistration.k8s.io/apiservices",
    resource: "apiservices",
    cluster: true,
    header: "NAME | SERVICE | AVAILABLE | AGE",
    row: "v1.remote.conformance.example | default/conformance-absent | * | AGE",
    status: tested,
  },
  {
    folder: "apps/controllerrevisions",
    resource: "controllerrevisions",
    header: "NAME | CONTROLLER | REVISION | AGE",
    row: "full | <none> | 7 | AGE",
  },
  {
    folder: "apps/daemonsets",
    resource: "daemonsets",
    header: "NAME | DESIRED | CURRENT | READY | UP-TO-DATE | AVAILABLE | NODE SELECTOR | AGE",
    wide: workload,
    row: "full | 0 | 0 | 0 | 0 | 0 | conformance.example/never=true | AGE",
    status: tested,
  },
  {
    folder: "apps/deployments",
    resource: "deployments",
    metadataCounts: true,
    header: "NAME | READY | UP-TO-DATE | AVAILABLE | AGE",
    wide: workload,
    row: "full | 0/3 | 0 | 0 | AGE",
    status: tested,
  },
  {
    folder: "apps/replicasets",
    resource: "replicasets",
    header: "NAME | DESIRED | CURRENT | READY | AGE",
    wide: workload,
    row: "full | 2 | * | 0 | AGE",
    status: tested,
  },
  {
    folder: "apps/statefulsets",
    resource: "statefulsets",
    reapplies: true,
    header: "NAME | READY | AGE",
    wide: "CONTAINERS | IMAGES",
    row: "full | 0/2 | AGE",
    status: tested,
  },
  {
    folder: "events.k8s.io/events",
    resource: "events.v1.events.k8s.io",
    header: "LAST SEEN | TYPE | REASON | OBJECT | MESSAGE",
    wideHeader: "LAST SEEN | TYPE | REASON | OBJECT | SUBOBJECT | SOURCE | MESSAGE | FIRST SEEN | COUNT | NAME",
    row: "AGE | Warning | Scheduled | pod/web | bound at last",
  },
  {
    folder: "autoscaling/horizontalpodautoscalers",
    resource: "horizontalpodautoscalers.v2.autoscaling",
    header: "NAME | REFERENCE | TARGETS | MINPODS | MAXPODS | REPLICAS | AGE",
    row: "full | Deployment/web | cpu: <unknown>/60%, memory: <unknown>/64Mi + 3 more... | 2 | 9 | 0 | AGE",
    status: tested,
  },
  {
    folder: "autoscaling-v1/horizontalpodautoscalers",
    resource: "horizontalpodautoscalers.v1.autoscaling",
    header: "NAME | REFERENCE | TARGETS | MINPODS | MAXPODS | REPLICAS | AGE",
    row: "full | Deployment/web | cpu: <unknown>/55% | 2 | 9 | 0 | AGE",
    status: { currentReplicas: 1, desiredReplicas: 1, lastScaleTime: "2026-01-02T03:04:05Z" },
  },
  {
    folder: "batch/cronjobs",
    resource: "cronjobs",
    header: "NAME | SCHEDULE | TIMEZONE | SUSPEND | ACTIVE | LAST SCHEDULE | AGE",
    wide: workload,
    row: "full | */5 * * * * | Etc/UTC | True | 0 | <none> | AGE",
    status: { lastScheduleTime: "2026-01-02T03:04:05Z" },
  },
  {
    folder: "batch/jobs",
    resource: "jobs",
    header: "NAME | STATUS | COMPLETIONS | DURATION | AGE",
    wide: workload,
    row: "full | * | 0/4 | AGE",
    status: tested,
  },
  {
    folder: "certificates.k8s.io/certificatesigningrequests",
    resource: "certificatesigningrequests",
    cluster: true,
    header: "NAME | AGE | SIGNERNAME | REQUESTOR | REQUESTEDDURATION | CONDITION",
    row: "conformance-full | AGE | conformance.example/serving | * | 24h | Pending",
    status: tested,
  },
  {
    folder: "networking.k8s.io/ingressclasses",
    resource: "ingressclasses",
    cluster: true,
    header: "NAME | CONTROLLER | PARAMETERS | AGE",
    row: "conformance-full | conformance.example/ingress | Parameters.conformance.example/main | AGE",
  },
  {
    folder: "networking.k8s.io/ingresses",
    resource: "ingresses",
    header: "NAME | CLASS | HOSTS | ADDRESS | PORTS | AGE",
    row: "full | conformance-none | one.conformance.example,*.conformance.example | 80, 443 | AGE",
    status: { loadBalancer: { ingress: [{ ip: "192.0.2.44" }] } },
  },
  {
    folder: "networking.k8s.io/ipaddresses",
    resource: "ipaddresses",
    cluster: true,
    header: "NAME | PARENTREF",
    row: "2001:db8::10 | gateways.conformance.example/default/main",
  },
  {
    folder: "networking.k8s.io/networkpolicies",
    resource: "networkpolicies",
    header: "NAME | POD-SELECTOR | AGE",
    row: "full | app=web | AGE",
  },
  {
    folder: "networking.k8s.io/servicecidrs",
    resource: "servicecidrs",
    cluster: true,
    header: "NAME | CIDRS | AGE",
    row: "conformance-full | 203.0.113.0/28,2001:db8:7::/112 | AGE",
    status: tested,
  },
  {
    folder: "policy/poddisruptionbudgets",
    resource: "poddisruptionbudgets",
    reapplies: true,
    header: "NAME | MIN AVAILABLE | MAX UNAVAILABLE | ALLOWED DISRUPTIONS | AGE",
    row: "full | N/A | 25% | 0 | AGE",
    status: tested,
  },
  {
    folder: "rbac.authorization.k8s.io/clusterrolebindings",
    resource: "clusterrolebindings",
    cluster: true,
    header: "NAME | ROLE | AGE",
    wide: "USERS | GROUPS | SERVICEACCOUNTS",
    row: "conformance-full | ClusterRole/conformance-absent | AGE",
  },
  {
    folder: "rbac.authorization.k8s.io/clusterroles",
    resource: "clusterroles",
    cluster: true,
    header: "NAME | CREATED AT",
    row: "conformance-full | TIME",
  },
  {
    folder: "rbac.authorization.k8s.io/rolebindings",
    resource: "rolebindings",
    header: "NAME | ROLE | AGE",
    wide: "USERS | GROUPS | SERVICEACCOUNTS",
    row: "full | ClusterRole/view | AGE",
  },
  { folder: "rbac.authorization.k8s.io/roles", resource: "roles", header: "NAME | CREATED AT", row: "full | TIME" },
  {
    folder: "storage.k8s.io/csidrivers",
    resource: "csidrivers",
    cluster: true,
    header:
      "NAME | ATTACHREQUIRED | PODINFOONMOUNT | STORAGECAPACITY | TOKENREQUESTS | REQUIRESREPUBLISH | MODES | AGE",
    row: "full.conformance.example | false | true | true | conformance | true | Persistent,Ephemeral | AGE",
  },
  {
    folder: "storage.k8s.io/csinodes",
    resource: "csinodes",
    cluster: true,
    header: "NAME | DRIVERS | AGE",
    row: "conformance-full | 1 | AGE",
  },
  {
    folder: "storage.k8s.io/csistoragecapacities",
    resource: "csistoragecapacities",
    header: "NAME | CREATED AT",
    row: "full | TIME",
  },
  {
    folder: "storage.k8s.io/storageclasses",
    resource: "storageclasses",
    cluster: true,
    header: "NAME | PROVISIONER | RECLAIMPOLICY | VOLUMEBINDINGMODE | ALLOWVOLUMEEXPANSION | AGE",
    row: "conformance-full | csi.conformance.example | Retain | WaitForFirstConsumer | true | AGE",
  },
  {
    folder: "storage.k8s.io/volumeattachments",
    resource: "volumeattachments",
    cluster: true,
    header: "NAME | ATTACHER | PV | NODE | ATTACHED | AGE",
    row: "conformance-full | csi.conformance.example | conformance-absent | false | AGE",
    status: { attached: true, attachmentMetadata: { path: "/dev/x" } },
  },
  {
    folder: "storage.k8s.io/volumeattributesclasses",
    resource: "volumeattributesclasses",
    protected: true,
    cluster: true,
    header: "NAME | DRIVERNAME | AGE",
    row: "conformance-full | csi.conformance.example | AGE",
  },
  {
    folder: "admissionregistration.k8s.io/mutatingadmissionpolicies",
    resource: "mutatingadmissionpolicies",
    cluster: true,
    header: "NAME | MUTATIONS | PARAMKIND | AGE",
    row: "conformance-full | 2 | v1/ConfigMap | AGE",
  },
  {
    folder: "admissionregistration.k8s.io/mutatingadmissionpolicybindings",
    resource: "mutatingadmissionpolicybindings",
    cluster: true,
    header: "NAME | POLICYNAME | PARAMREF | AGE",
    row: "conformance-full | conformance-absent | default/settings | AGE",
  },
  {
    folder: "admissionregistration.k8s.io/mutatingwebhookconfigurations",
    resource: "mutatingwebhookconfigurations",
    cluster: true,
    header: "NAME | WEBHOOKS | AGE",
    row: "conformance-full | 1 | AGE",
  },
  {
    folder: "admissionregistration.k8s.io/validatingadmissionpolicies",
    resource: "validatingadmissionpolicies",
    cluster: true,
    header: "NAME | VALIDATIONS | PARAMKIND | AGE",
    row: "conformance-full | 2 | v1/ConfigMap | AGE",
    status: tested,
  },
  {
    folder: "admissionregistration.k8s.io/validatingadmissionpolicybindings",
    resource: "validatingadmissionpolicybindings",
    cluster: true,
    header: "NAME | POLICYNAME | PARAMREF | AGE",
    row: "conformance-full | conformance-absent | * | AGE",
  },
  {
    folder: "admissionregistration.k8s.io/validatingwebhookconfigurations",
    resource: "validatingwebhookconfigurations",
    cluster: true,
    header: "NAME | WEBHOOKS | AGE",
    row: "conformance-full | 2 | AGE",
  },
  {
    folder: "apiextensions.k8s.io/customresourcedefinitions",
    resource: "customresourcedefinitions",
    cluster: true,
    header: "NAME | CREATED AT",
    row: "boats.full.conformance.example | TIME",
    status: tested,
  },
  {
    folder: "scheduling.k8s.io/priorityclasses",
    resource: "priorityclasses",
    cluster: true,
    header: "NAME | VALUE | GLOBAL-DEFAULT | AGE | PREEMPTIONPOLICY",
    row: "conformance-full | -7 | false | AGE | Never",
  },
  {
    folder: "coordination.k8s.io/leases",
    resource: "leases",
    header: "NAME | HOLDER | AGE",
    row: "full | holder-1 | AGE",
  },
  {
    folder: "node.k8s.io/runtimeclasses",
    resource: "runtimeclasses",
    cluster: true,
    header: "NAME | HANDLER | AGE",
    row: "conformance-full | gvisor | AGE",
  },
  {
    folder: "discovery.k8s.io/endpointslices",
    resource: "endpointslices",
    metadataCounts: true,
    header: "NAME | ADDRESSTYPE | PORTS | ENDPOINTS | AGE",
    row: "full | IPv4 | 8080,53 | 192.0.2.21,192.0.2.22 | AGE",
  },
  {
    folder: "resource.k8s.io/deviceclasses",
    resource: "deviceclasses",
    cluster: true,
    header: "NAME | AGE",
    row: "conformance-full | AGE",
  },
  {
    folder: "resource.k8s.io/resourceclaims",
    resource: "resourceclaims",
    header: "NAME | STATE | AGE",
    row: "full | pending | AGE",
    status: { allocation: { allocationTimestamp: "2026-01-02T03:04:05Z" } },
  },
  {
    folder: "resource.k8s.io/resourceclaimtemplates",
    resource: "resourceclaimtemplates",
    header: "NAME | AGE",
    row: "full | AGE",
  },
  {
    folder: "resource.k8s.io/resourceslices",
    resource: "resourceslices",
    cluster: true,
    header: "NAME | NODE | DRIVER | POOL | AGE",
    row: "conformance-full | conformance-absent | gpu.conformance.example | conformance-absent | AGE",
  },
  {
    folder: "flowcontrol.apiserver.k8s.io/flowschemas",
    resource: "flowschemas",
    cluster: true,
    header: "NAME | PRIORITYLEVEL | MATCHINGPRECEDENCE | DISTINGUISHERMETHOD | AGE | MISSINGPL",
    row: "conformance-full | conformance-absent | 9000 | ByUser | AGE | *",
    status: tested,
  },
  {
    folder: "flowcontrol.apiserver.k8s.io/prioritylevelconfigurations",
    resource: "prioritylevelconfigurations",
    cluster: true,
    header: "NAME | TYPE | NOMINALCONCURRENCYSHARES | QUEUES | HANDSIZE | QUEUELENGTHLIMIT | AGE",
    row: "conformance-full | Limited | 1 | 16 | 4 | 20 | AGE",
    status: tested,
  },
];
