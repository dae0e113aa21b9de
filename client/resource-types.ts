import type {
  MutatingAdmissionPolicy,
  MutatingAdmissionPolicyBinding,
  MutatingWebhookConfiguration,
  ValidatingAdmissionPolicy,
  ValidatingAdmissionPolicyBinding,
  ValidatingWebhookConfiguration,
} from "../api/generated/types/admissionregistration-v1.ts";
import type { CustomResourceDefinition } from "../api/generated/types/apiextensions-v1.ts";
import type { APIService } from "../api/generated/types/apiregistration-v1.ts";
import type {
  ControllerRevision,
  DaemonSet,
  Deployment,
  ReplicaSet,
  StatefulSet,
} from "../api/generated/types/apps-v1.ts";
import type { TokenReview } from "../api/generated/types/authentication-v1.ts";
import type { SelfSubjectAccessReview, SubjectAccessReview } from "../api/generated/types/authorization-v1.ts";
import type { HorizontalPodAutoscaler } from "../api/generated/types/autoscaling-v2.ts";
import type { CronJob, Job } from "../api/generated/types/batch-v1.ts";
import type { CertificateSigningRequest } from "../api/generated/types/certificates-v1.ts";
import type { Lease } from "../api/generated/types/coordination-v1.ts";
import type {
  ConfigMap,
  Endpoints,
  Event,
  LimitRange,
  Namespace,
  Node,
  PersistentVolume,
  PersistentVolumeClaim,
  Pod,
  PodTemplate,
  ReplicationController,
  ResourceQuota,
  Secret,
  Service,
  ServiceAccount,
} from "../api/generated/types/core-v1.ts";
import type { EndpointSlice } from "../api/generated/types/discovery-v1.ts";
import type { FlowSchema, PriorityLevelConfiguration } from "../api/generated/types/flowcontrol-v1.ts";
import type {
  IPAddress,
  Ingress,
  IngressClass,
  NetworkPolicy,
  ServiceCIDR,
} from "../api/generated/types/networking-v1.ts";
import type { RuntimeClass } from "../api/generated/types/node-v1.ts";
import type { PodDisruptionBudget } from "../api/generated/types/policy-v1.ts";
import type { ClusterRole, ClusterRoleBinding, Role, RoleBinding } from "../api/generated/types/rbac-v1.ts";
import type {
  DeviceClass,
  ResourceClaim,
  ResourceClaimTemplate,
  ResourceSlice,
} from "../api/generated/types/resource-v1.ts";
import type { PriorityClass } from "../api/generated/types/scheduling-v1.ts";
import type {
  CSIDriver,
  CSINode,
  CSIStorageCapacity,
  StorageClass,
  VolumeAttachment,
  VolumeAttributesClass,
} from "../api/generated/types/storage-v1.ts";
import type { KubeObject } from "../api/machinery/object.ts";
import type { Scope } from "../api/resource.ts";

/** What a client has to know of a resource: where it is, and the type of its objects. */
export interface ResourceType<T extends KubeObject = KubeObject> {
  /** `v1`, `apps/v1`. */
  readonly apiVersion: string;
  readonly plural: string;
  readonly kind: string;
  readonly scope: Scope;
  /** Never there: it only carries the type. */
  readonly object?: T;
}

/** Any resource, by names that are known at run time only. */
export function resourceType<T extends KubeObject>(
  apiVersion: string,
  plural: string,
  kind: string,
  scope: Scope,
): ResourceType<T> {
  return { apiVersion, plural, kind, scope };
}

export const configMaps: ResourceType<ConfigMap> = resourceType("v1", "configmaps", "ConfigMap", "Namespaced");
export const endpoints: ResourceType<Endpoints> = resourceType("v1", "endpoints", "Endpoints", "Namespaced");
export const events: ResourceType<Event> = resourceType("v1", "events", "Event", "Namespaced");
export const limitRanges: ResourceType<LimitRange> = resourceType("v1", "limitranges", "LimitRange", "Namespaced");
export const namespaces: ResourceType<Namespace> = resourceType("v1", "namespaces", "Namespace", "Cluster");
export const nodes: ResourceType<Node> = resourceType("v1", "nodes", "Node", "Cluster");
export const persistentVolumeClaims: ResourceType<PersistentVolumeClaim> = resourceType(
  "v1",
  "persistentvolumeclaims",
  "PersistentVolumeClaim",
  "Namespaced",
);
export const persistentVolumes: ResourceType<PersistentVolume> = resourceType(
  "v1",
  "persistentvolumes",
  "PersistentVolume",
  "Cluster",
);
export const pods: ResourceType<Pod> = resourceType("v1", "pods", "Pod", "Namespaced");
export const podTemplates: ResourceType<PodTemplate> = resourceType("v1", "podtemplates", "PodTemplate", "Namespaced");
export const replicationControllers: ResourceType<ReplicationController> = resourceType(
  "v1",
  "replicationcontrollers",
  "ReplicationController",
  "Namespaced",
);
export const resourceQuotas: ResourceType<ResourceQuota> = resourceType(
  "v1",
  "resourcequotas",
  "ResourceQuota",
  "Namespaced",
);
export const secrets: ResourceType<Secret> = resourceType("v1", "secrets", "Secret", "Namespaced");
export const serviceAccounts: ResourceType<ServiceAccount> = resourceType(
  "v1",
  "serviceaccounts",
  "ServiceAccount",
  "Namespaced",
);
export const services: ResourceType<Service> = resourceType("v1", "services", "Service", "Namespaced");
export const apiServices: ResourceType<APIService> = resourceType(
  "apiregistration.k8s.io/v1",
  "apiservices",
  "APIService",
  "Cluster",
);
export const controllerRevisions: ResourceType<ControllerRevision> = resourceType(
  "apps/v1",
  "controllerrevisions",
  "ControllerRevision",
  "Namespaced",
);
export const daemonSets: ResourceType<DaemonSet> = resourceType("apps/v1", "daemonsets", "DaemonSet", "Namespaced");
export const deployments: ResourceType<Deployment> = resourceType("apps/v1", "deployments", "Deployment", "Namespaced");
export const replicaSets: ResourceType<ReplicaSet> = resourceType("apps/v1", "replicasets", "ReplicaSet", "Namespaced");
export const statefulSets: ResourceType<StatefulSet> = resourceType(
  "apps/v1",
  "statefulsets",
  "StatefulSet",
  "Namespaced",
);
export const tokenReviews: ResourceType<TokenReview> = resourceType(
  "authentication.k8s.io/v1",
  "tokenreviews",
  "TokenReview",
  "Cluster",
);
export const selfSubjectAccessReviews: ResourceType<SelfSubjectAccessReview> = resourceType(
  "authorization.k8s.io/v1",
  "selfsubjectaccessreviews",
  "SelfSubjectAccessReview",
  "Cluster",
);
export const subjectAccessReviews: ResourceType<SubjectAccessReview> = resourceType(
  "authorization.k8s.io/v1",
  "subjectaccessreviews",
  "SubjectAccessReview",
  "Cluster",
);
export const horizontalPodAutoscalers: ResourceType<HorizontalPodAutoscaler> = resourceType(
  "autoscaling/v2",
  "horizontalpodautoscalers",
  "HorizontalPodAutoscaler",
  "Namespaced",
);
export const cronJobs: ResourceType<CronJob> = resourceType("batch/v1", "cronjobs", "CronJob", "Namespaced");
export const jobs: ResourceType<Job> = resourceType("batch/v1", "jobs", "Job", "Namespaced");
export const certificateSigningRequests: ResourceType<CertificateSigningRequest> = resourceType(
  "certificates.k8s.io/v1",
  "certificatesigningrequests",
  "CertificateSigningRequest",
  "Cluster",
);
export const ingressClasses: ResourceType<IngressClass> = resourceType(
  "networking.k8s.io/v1",
  "ingressclasses",
  "IngressClass",
  "Cluster",
);
export const ingresses: ResourceType<Ingress> = resourceType(
  "networking.k8s.io/v1",
  "ingresses",
  "Ingress",
  "Namespaced",
);
export const ipAddresses: ResourceType<IPAddress> = resourceType(
  "networking.k8s.io/v1",
  "ipaddresses",
  "IPAddress",
  "Cluster",
);
export const networkPolicies: ResourceType<NetworkPolicy> = resourceType(
  "networking.k8s.io/v1",
  "networkpolicies",
  "NetworkPolicy",
  "Namespaced",
);
export const serviceCidrs: ResourceType<ServiceCIDR> = resourceType(
  "networking.k8s.io/v1",
  "servicecidrs",
  "ServiceCIDR",
  "Cluster",
);
export const podDisruptionBudgets: ResourceType<PodDisruptionBudget> = resourceType(
  "policy/v1",
  "poddisruptionbudgets",
  "PodDisruptionBudget",
  "Namespaced",
);
export const clusterRoleBindings: ResourceType<ClusterRoleBinding> = resourceType(
  "rbac.authorization.k8s.io/v1",
  "clusterrolebindings",
  "ClusterRoleBinding",
  "Cluster",
);
export const clusterRoles: ResourceType<ClusterRole> = resourceType(
  "rbac.authorization.k8s.io/v1",
  "clusterroles",
  "ClusterRole",
  "Cluster",
);
export const roleBindings: ResourceType<RoleBinding> = resourceType(
  "rbac.authorization.k8s.io/v1",
  "rolebindings",
  "RoleBinding",
  "Namespaced",
);
export const roles: ResourceType<Role> = resourceType("rbac.authorization.k8s.io/v1", "roles", "Role", "Namespaced");
export const csiDrivers: ResourceType<CSIDriver> = resourceType(
  "storage.k8s.io/v1",
  "csidrivers",
  "CSIDriver",
  "Cluster",
);
export const csiNodes: ResourceType<CSINode> = resourceType("storage.k8s.io/v1", "csinodes", "CSINode", "Cluster");
export const csiStorageCapacities: ResourceType<CSIStorageCapacity> = resourceType(
  "storage.k8s.io/v1",
  "csistoragecapacities",
  "CSIStorageCapacity",
  "Namespaced",
);
export const storageClasses: ResourceType<StorageClass> = resourceType(
  "storage.k8s.io/v1",
  "storageclasses",
  "StorageClass",
  "Cluster",
);
export const volumeAttachments: ResourceType<VolumeAttachment> = resourceType(
  "storage.k8s.io/v1",
  "volumeattachments",
  "VolumeAttachment",
  "Cluster",
);
export const volumeAttributesClasses: ResourceType<VolumeAttributesClass> = resourceType(
  "storage.k8s.io/v1",
  "volumeattributesclasses",
  "VolumeAttributesClass",
  "Cluster",
);
export const mutatingAdmissionPolicies: ResourceType<MutatingAdmissionPolicy> = resourceType(
  "admissionregistration.k8s.io/v1",
  "mutatingadmissionpolicies",
  "MutatingAdmissionPolicy",
  "Cluster",
);
export const mutatingAdmissionPolicyBindings: ResourceType<MutatingAdmissionPolicyBinding> = resourceType(
  "admissionregistration.k8s.io/v1",
  "mutatingadmissionpolicybindings",
  "MutatingAdmissionPolicyBinding",
  "Cluster",
);
export const mutatingWebhookConfigurations: ResourceType<MutatingWebhookConfiguration> = resourceType(
  "admissionregistration.k8s.io/v1",
  "mutatingwebhookconfigurations",
  "MutatingWebhookConfiguration",
  "Cluster",
);
export const validatingAdmissionPolicies: ResourceType<ValidatingAdmissionPolicy> = resourceType(
  "admissionregistration.k8s.io/v1",
  "validatingadmissionpolicies",
  "ValidatingAdmissionPolicy",
  "Cluster",
);
export const validatingAdmissionPolicyBindings: ResourceType<ValidatingAdmissionPolicyBinding> = resourceType(
  "admissionregistration.k8s.io/v1",
  "validatingadmissionpolicybindings",
  "ValidatingAdmissionPolicyBinding",
  "Cluster",
);
export const validatingWebhookConfigurations: ResourceType<ValidatingWebhookConfiguration> = resourceType(
  "admissionregistration.k8s.io/v1",
  "validatingwebhookconfigurations",
  "ValidatingWebhookConfiguration",
  "Cluster",
);
export const customResourceDefinitions: ResourceType<CustomResourceDefinition> = resourceType(
  "apiextensions.k8s.io/v1",
  "customresourcedefinitions",
  "CustomResourceDefinition",
  "Cluster",
);
export const priorityClasses: ResourceType<PriorityClass> = resourceType(
  "scheduling.k8s.io/v1",
  "priorityclasses",
  "PriorityClass",
  "Cluster",
);
export const leases: ResourceType<Lease> = resourceType("coordination.k8s.io/v1", "leases", "Lease", "Namespaced");
export const runtimeClasses: ResourceType<RuntimeClass> = resourceType(
  "node.k8s.io/v1",
  "runtimeclasses",
  "RuntimeClass",
  "Cluster",
);
export const endpointSlices: ResourceType<EndpointSlice> = resourceType(
  "discovery.k8s.io/v1",
  "endpointslices",
  "EndpointSlice",
  "Namespaced",
);
export const deviceClasses: ResourceType<DeviceClass> = resourceType(
  "resource.k8s.io/v1",
  "deviceclasses",
  "DeviceClass",
  "Cluster",
);
export const resourceClaims: ResourceType<ResourceClaim> = resourceType(
  "resource.k8s.io/v1",
  "resourceclaims",
  "ResourceClaim",
  "Namespaced",
);
export const resourceClaimTemplates: ResourceType<ResourceClaimTemplate> = resourceType(
  "resource.k8s.io/v1",
  "resourceclaimtemplates",
  "ResourceClaimTemplate",
  "Namespaced",
);
export const resourceSlices: ResourceType<ResourceSlice> = resourceType(
  "resource.k8s.io/v1",
  "resourceslices",
  "ResourceSlice",
  "Cluster",
);
export const flowSchemas: ResourceType<FlowSchema> = resourceType(
  "flowcontrol.apiserver.k8s.io/v1",
  "flowschemas",
  "FlowSchema",
  "Cluster",
);
export const priorityLevelConfigurations: ResourceType<PriorityLevelConfiguration> = resourceType(
  "flowcontrol.apiserver.k8s.io/v1",
  "prioritylevelconfigurations",
  "PriorityLevelConfiguration",
  "Cluster",
);
