import { describeFieldError } from "../../api/machinery/field-error.ts";
import type { Authorizer } from "../../auth/authz/authorizer.ts";
import type { WebhookUsers } from "../webhook/webhook-config.ts";
import { withCredentials } from "../webhook/with-credentials.ts";
import { alwaysAdmit, alwaysDeny } from "./always.ts";
import { alwaysPullImages } from "./always-pull-images.ts";
import { certificateApproval } from "./certificates/certificate-approval.ts";
import { certificateSigning } from "./certificates/certificate-signing.ts";
import { certificateSubjectRestriction } from "./certificates/certificate-subject-restriction.ts";
import { defaultIngressClass } from "./default-ingress-class.ts";
import { defaultStorageClass } from "./default-storage-class.ts";
import { defaultTolerationSeconds, type TolerationSeconds } from "./default-toleration-seconds.ts";
import { denyServiceExternalIPs } from "./deny-service-external-ips.ts";
import { eventRateLimit, type EventLimit } from "./event-rate-limit/event-rate-limit.ts";
import { validateEventLimits } from "./event-rate-limit/validate-event-limits.ts";
import { extendedResourceToleration } from "./extended-resource-toleration.ts";
import { limitPodHardAntiAffinityTopology } from "./limit-pod-hard-anti-affinity-topology.ts";
import { limitRanger } from "./limit-ranger/limit-ranger.ts";
import { namespaceAutoProvision } from "./namespace-auto-provision.ts";
import { namespaceExists } from "./namespace-exists.ts";
import { namespaceLifecycle } from "./namespace-lifecycle.ts";
import { nodeDeclaredFeatureValidator } from "./node-declared-feature-validator.ts";
import { nodeRestriction } from "./node-restriction/node-restriction.ts";
import type { ObjectReader, ObjectWriter } from "./object-reader.ts";
import { ownerReferencesPermissionEnforcement, type OwnerResource } from "./owner-references-permission-enforcement.ts";
import { persistentVolumeClaimResize } from "./persistent-volume-claim-resize.ts";
import type { AdmissionChain, AdmissionPlugin } from "./plugin.ts";
import { mutatingAdmissionPolicy, type MutatingPolicyDeps } from "./policy/mutating.ts";
import { validatingAdmissionPolicy } from "./policy/validating.ts";
import { podNodeSelector, type NodeSelectorConfig } from "./pod-node-selector.ts";
import { podResizeValidator } from "./pod-resize-validator.ts";
import { settingsOf, type PodSecurityConfiguration } from "./pod-security/configuration.ts";
import { podSecurity } from "./pod-security/pod-security.ts";
import { podTolerationRestriction, type TolerationConfig } from "./pod-toleration-restriction.ts";
import { podTopologyLabels } from "./pod-topology-labels.ts";
import { priority } from "./priority.ts";
import type { LimitedResource } from "./resource-quota/limited-resources.ts";
import { resourceQuota } from "./resource-quota/resource-quota.ts";
import { runtimeClass } from "./runtime-class.ts";
import { serviceAccount } from "./service-account/service-account.ts";
import { storageObjectInUseProtection } from "./storage-object-in-use-protection.ts";
import { taintNodesByCondition } from "./taint-nodes-by-condition.ts";
import { mutatingAdmissionWebhook, type MutatingWebhookDeps } from "./webhook/mutating.ts";
import { validatingAdmissionWebhook } from "./webhook/validating.ts";

/** Which plugins are asked, and how those are set up that can be. */
export interface AdmissionOptions {
  /** Upstream's names, besides those that are on by default. */
  readonly enable?: readonly string[];
  /** Wins over `enable` and the defaults. */
  readonly disable?: readonly string[];
  /** Of DefaultTolerationSeconds. */
  readonly tolerationSeconds?: Partial<TolerationSeconds>;
  readonly podSecurity?: PodSecurityConfiguration;
  readonly eventRateLimit?: readonly EventLimit[];
  readonly podNodeSelector?: NodeSelectorConfig;
  readonly podTolerationRestriction?: TolerationConfig;
  readonly resourceQuota?: readonly LimitedResource[];
  /** Who this server is to webhooks. */
  readonly mutatingWebhookUsers?: WebhookUsers;
  readonly validatingWebhookUsers?: WebhookUsers;
}

export interface AdmissionDeps extends MutatingWebhookDeps, MutatingPolicyDeps {
  readonly reader: ObjectReader;
  readonly writer: ObjectWriter;
  /** Cluster time. */
  readonly clock: { now(): number };
  readonly authorize: Authorizer;
  readonly resourcesOf: (apiVersion: string, kind: string) => readonly OwnerResource[];
  /** Creates a namespace as the server itself. */
  readonly provisionNamespace: (name: string) => Promise<void>;
}

interface Definition {
  readonly name: string;
  readonly isDefault: boolean;
  create(deps: AdmissionDeps, options: AdmissionOptions): AdmissionPlugin;
}

function on(name: string, create: Definition["create"]): Definition {
  return { name, isDefault: true, create };
}

function off(name: string, create: Definition["create"]): Definition {
  return { name, isDefault: false, create };
}

/**
 * In upstream's order: what changes pods comes before what judges them, and the quota is charged last.
 * https://kubernetes.io/docs/reference/access-authn-authz/admission-controllers/
 */
const definitions: readonly Definition[] = [
  off("AlwaysAdmit", () => alwaysAdmit()),
  off("NamespaceAutoProvision", ({ reader, provisionNamespace }) =>
    namespaceAutoProvision({ reader, provision: provisionNamespace }),
  ),
  on("NamespaceLifecycle", ({ reader }) => namespaceLifecycle({ find: (name) => reader.find("namespaces", "", name) })),
  off("NamespaceExists", namespaceExists),
  off("LimitPodHardAntiAffinityTopology", () => limitPodHardAntiAffinityTopology()),
  on("LimitRanger", limitRanger),
  on("ServiceAccount", serviceAccount),
  on("NodeRestriction", nodeRestriction),
  on("TaintNodesByCondition", () => taintNodesByCondition()),
  off("AlwaysPullImages", () => alwaysPullImages()),
  on("PodSecurity", ({ reader }, options) =>
    podSecurity({ settings: settingsOf(options.podSecurity).settings, objects: reader }),
  ),
  off("PodNodeSelector", ({ reader }, options) => podNodeSelector({ reader, config: options.podNodeSelector ?? {} })),
  on("Priority", priority),
  on("DefaultTolerationSeconds", (_, options) => defaultTolerationSeconds(options.tolerationSeconds)),
  off("PodTolerationRestriction", ({ reader }, options) =>
    podTolerationRestriction({ reader, config: options.podTolerationRestriction ?? {} }),
  ),
  off("EventRateLimit", ({ clock }, options) => eventRateLimit({ clock, limits: options.eventRateLimit ?? [] })),
  off("ExtendedResourceToleration", () => extendedResourceToleration()),
  on("DefaultStorageClass", defaultStorageClass),
  on("StorageObjectInUseProtection", () => storageObjectInUseProtection()),
  off("OwnerReferencesPermissionEnforcement", ownerReferencesPermissionEnforcement),
  on("PersistentVolumeClaimResize", persistentVolumeClaimResize),
  on("RuntimeClass", runtimeClass),
  on("CertificateApproval", certificateApproval),
  on("CertificateSigning", certificateSigning),
  on("CertificateSubjectRestriction", certificateSubjectRestriction),
  on("DefaultIngressClass", defaultIngressClass),
  off("DenyServiceExternalIPs", () => denyServiceExternalIPs()),
  on("PodTopologyLabels", podTopologyLabels),
  on("NodeDeclaredFeatureValidator", nodeDeclaredFeatureValidator),
  on("PodResizeValidator", podResizeValidator),
  on("MutatingAdmissionPolicy", mutatingAdmissionPolicy),
  on("MutatingAdmissionWebhook", (deps, { mutatingWebhookUsers: users }) =>
    mutatingAdmissionWebhook(users === undefined ? deps : { ...deps, call: withCredentials(deps.call, users) }),
  ),
  on("ValidatingAdmissionPolicy", validatingAdmissionPolicy),
  on("ValidatingAdmissionWebhook", (deps, { validatingWebhookUsers: users }) =>
    validatingAdmissionWebhook(users === undefined ? deps : { ...deps, call: withCredentials(deps.call, users) }),
  ),
  on("ResourceQuota", ({ reader, writer, clock }, options) =>
    resourceQuota({ reader, writer, clock, limited: options.resourceQuota ?? [] }),
  ),
  off("AlwaysDeny", () => alwaysDeny()),
];

/** Upstream's plugins that are not here yet, or whose gates are off: they may be named as disabled only. */
const absent: ReadonlySet<string> = new Set([
  "ClusterTrustBundleAttest",
  "ImagePolicyWebhook",
  "JobValidation",
  "PodGroupProtection",
  "PodGroupWorkloadExists",
]);

/** The plugins that are on, in their order. */
export function createAdmissionChain(deps: AdmissionDeps, options: AdmissionOptions): AdmissionChain {
  const enabled = new Set(options.enable);
  const disabled = new Set(options.disable);
  return definitions
    .filter(({ name, isDefault }) => (isDefault || enabled.has(name)) && !disabled.has(name))
    .map(({ create }) => create(deps, options));
}

/** Why these options cannot be honoured, in one line; undefined when they can. */
export function admissionProblem(options: AdmissionOptions): string | undefined {
  const { enable = [], disable = [] } = options;
  const named = [
    ...disable.map((name) => pluginProblem(name, "disable")),
    ...enable.map((name) => pluginProblem(name, "enable")),
  ];
  return named.find((problem) => problem !== undefined) ?? settingsProblem(options);
}

/** Why a plugin of this name cannot be enabled, or disabled. */
export function pluginProblem(name: string, asked: "enable" | "disable"): string | undefined {
  if (definitions.some((definition) => definition.name === name)) return undefined;
  if (!absent.has(name)) return `there is no admission plugin ${name}; check the name`;
  return asked === "disable" ? undefined : `the admission plugin ${name} is not supported by this version of Wherry`;
}

function settingsProblem({
  enable = [],
  podSecurity: security,
  eventRateLimit: limits,
}: AdmissionOptions): string | undefined {
  const [problem] = settingsOf(security).problems;
  if (problem !== undefined) return `PodSecurity: ${problem.field}: ${describeFieldError(problem)}`;
  if (limits === undefined)
    return enable.includes("EventRateLimit")
      ? "EventRateLimit has no limits; configure it, or leave it out"
      : undefined;
  const [limit] = validateEventLimits(limits);
  return limit && `EventRateLimit: ${limit.field}: ${describeFieldError(limit)}`;
}
