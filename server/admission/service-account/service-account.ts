import { podSecrets } from "../../../api/core/pod-references.ts";
import type { Pod, PodSpec, ServiceAccount } from "../../../api/generated/types/core-v1.ts";
import { getOwn } from "../../../api/machinery/members.ts";
import type { DeepReadonly } from "../../../api/machinery/object.ts";
import { forbid } from "../forbid.ts";
import type { AdmissionPlugin, AdmissionRequest, Mutation } from "../plugin.ts";
import { createdPod, pods, written } from "../written.ts";
import { findAccount, type FindAccountDeps } from "./find-account.ts";
import { limitEphemeralContainers, limitSecrets } from "./mountable-secrets.ts";
import { mountToken } from "./mount-token.ts";

export interface ServiceAccountDeps extends FindAccountDeps {
  readonly random: { integer(below: number): number };
}

type Account = DeepReadonly<ServiceAccount>;
type SeenPod = DeepReadonly<Pod>;

/**
 * Every pod runs as a service account of its namespace, and finds a token of it where clients look for one.
 * https://kubernetes.io/docs/reference/access-authn-authz/admission-controllers/#serviceaccount
 */
export function serviceAccount(deps: ServiceAccountDeps): AdmissionPlugin {
  return {
    name: "ServiceAccount",
    mutate(request) {
      const pod = createdPod(request);
      return pod?.spec === undefined || isMirror(pod) ? "unchanged" : equip(request, pod.spec, deps);
    },
    validate(request) {
      const pod = createdPod(request);
      if (pod !== undefined) return isMirror(pod) ? requireNoSecrets(request, pod) : judge(request, pod, deps);
      const changed = request.operation === "UPDATE" ? written<Pod>(request, pods, "ephemeralcontainers") : undefined;
      return changed && judgeEphemeralContainers(request, changed, deps);
    },
  };
}

async function equip(request: AdmissionRequest, spec: PodSpec, deps: ServiceAccountDeps): Promise<Mutation> {
  spec.serviceAccountName ||= "default";
  const account = await accountOf(request, spec.serviceAccountName, deps);
  // The pod's own wish comes first.
  if (spec.automountServiceAccountToken ?? account.automountServiceAccountToken ?? true)
    mountToken(spec, (below) => deps.random.integer(below));
  const { imagePullSecrets: ofAccount = [] } = account;
  if ((spec.imagePullSecrets ?? []).length === 0 && ofAccount.length > 0)
    spec.imagePullSecrets = ofAccount.map(({ name }) => (name === undefined ? {} : { name }));
  return "changed";
}

async function judge(request: AdmissionRequest, pod: SeenPod, deps: ServiceAccountDeps): Promise<void> {
  const account = await ownAccount(request, pod, deps);
  const refusal = isLimited(account) ? limitSecrets(pod.spec ?? { containers: [] }, account) : undefined;
  if (refusal !== undefined) throw forbid(request, refusal);
}

async function judgeEphemeralContainers(
  request: AdmissionRequest,
  pod: SeenPod,
  deps: ServiceAccountDeps,
): Promise<void> {
  const account = await ownAccount(request, pod, deps);
  if (isLimited(account)) limitEphemeralContainers(pod, account);
}

async function ownAccount(request: AdmissionRequest, pod: SeenPod, deps: ServiceAccountDeps): Promise<Account> {
  const { serviceAccountName: name = "" } = pod.spec ?? {};
  if (name === "")
    throw forbid(request, `no service account specified for pod ${request.namespace}/${pod.metadata?.name ?? ""}`);
  return accountOf(request, name, deps);
}

async function accountOf(request: AdmissionRequest, name: string, deps: ServiceAccountDeps): Promise<Account> {
  const account = await findAccount(request.namespace, name, deps);
  if (account !== undefined) return account;
  const what = `${request.namespace}/${name}`;
  throw forbid(request, `error looking up service account ${what}: serviceaccount ${JSON.stringify(name)} not found`);
}

/** The server's picture of a pod that a kubelet runs by itself: nothing can be given to it, and so it may ask for nothing. */
function isMirror({ metadata }: SeenPod): boolean {
  return getOwn(metadata?.annotations ?? {}, "kubernetes.io/config.mirror") !== undefined;
}

function requireNoSecrets(request: AdmissionRequest, pod: SeenPod): void {
  const { serviceAccountName = "", volumes = [] } = pod.spec ?? {};
  if (serviceAccountName !== "") throw forbid(request, "a mirror pod may not reference service accounts");
  if (podSecrets(pod).length > 0) throw forbid(request, "a mirror pod may not reference secrets");
  const projects = volumes.some(({ projected }) =>
    projected?.sources?.some((source) => source.serviceAccountToken !== undefined),
  );
  if (projects) throw forbid(request, "a mirror pod may not use ServiceAccountToken volume projections");
}

/** https://kubernetes.io/docs/concepts/security/service-accounts/#enforce-mountable-secrets */
function isLimited({ metadata }: Account): boolean {
  const value = getOwn(metadata?.annotations ?? {}, "kubernetes.io/enforce-mountable-secrets") ?? "";
  return ["1", "t", "T", "true", "TRUE", "True"].includes(value);
}
