import type { Pod } from "../../api/generated/types/core-v1.ts";
import type { Eviction, PodDisruptionBudget } from "../../api/generated/types/policy-v1.ts";
import { deepClone } from "../../api/machinery/clone.ts";
import { selectorMatches } from "../../api/machinery/label-selector.ts";
import type { DeepReadonly } from "../../api/machinery/object.ts";
import { ApiError, notFound } from "../../api/machinery/status.ts";
import { formatTime } from "../../api/machinery/time.ts";
import { takeDisruption, type DisruptionBudget } from "../../api/policy/disruption.ts";
import type { ApiResponse } from "../../api/wire.ts";
import type { VersionCodec } from "../encoding/kind.ts";
import { validateDeleteOptions, type DeleteOptions } from "../strategy/delete-options.ts";
import type { WriteRequest } from "../strategy/write-request.ts";
import { writeRequest, type ResourceRequest, type VerbDeps } from "./context.ts";
import { decodePosted, done } from "./posted.ts";
import { writeOptions } from "./write-options.ts";

type SeenPod = DeepReadonly<Pod>;

/**
 * Deletes a pod if its disruption budget can bear that.
 * https://kubernetes.io/docs/concepts/scheduling-eviction/api-eviction/
 */
export async function evictPod(request: ResourceRequest, codec: VersionCodec, deps: VerbDeps): Promise<ApiResponse> {
  const options = writeOptions(request.query, "CreateOptions", request.request.headers["user-agent"]);
  const posted = { kind: "Eviction", apiVersions: ["policy/v1", "policy/v1beta1"], codec } as const;
  const object = await decodePosted(request, posted, options);
  const deleteOptions: DeleteOptions = ((object as Eviction).deleteOptions ?? {}) as DeleteOptions;
  validateDeleteOptions(deleteOptions);
  const dryRun = options.dryRun || (deleteOptions.dryRun ?? []).length > 0;
  const write = { ...writeRequest(request, options, "refuse"), dryRun };
  await deps.objects.admit(write, object);
  const { namespace, name } = request.target;
  const pod = await deps.reader.find<Pod>("pods", namespace, name);
  if (pod === undefined) throw notFound(request.kind.row.groupResource, name);
  const seen = await askBudget(pod, dryRun, deps);
  await remove(pod, { ...write, direct: true }, withPreconditions(deleteOptions, seen), deps);
  return done(request);
}

/** Takes one disruption of the pod's budget, or throws 429. Answers the resourceVersion that the pod must still have, if that was decisive. */
async function askBudget(pod: SeenPod, dryRun: boolean, deps: VerbDeps): Promise<string | undefined> {
  const { namespace = "", labels = {}, name = "", deletionTimestamp, resourceVersion } = pod.metadata ?? {};
  const phase = pod.status?.phase ?? "";
  // It serves nobody: losing it disrupts nothing.
  if (deletionTimestamp !== undefined || ["Succeeded", "Failed", "Pending"].includes(phase)) return undefined;
  const budgets = await deps.reader.list<PodDisruptionBudget>("poddisruptionbudgets.policy", namespace);
  const [budget, another] = budgets.filter(
    ({ spec }) => spec?.selector !== undefined && selectorMatches(spec.selector, labels),
  );
  if (another !== undefined)
    throw new ApiError(
      "InternalError",
      "This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.",
    );
  if (budget === undefined) return undefined;
  if (!isReady(pod) && mayEvictUnhealthy(budget)) return resourceVersion;
  const now = formatTime(deps.clock.now());
  await deps.writer.updateStatus<PodDisruptionBudget>(
    "poddisruptionbudgets.policy",
    namespace,
    budget.metadata?.name ?? "",
    (current) => {
      const taken = takeDisruption(current as DisruptionBudget, name, now);
      return dryRun ? undefined : taken;
    },
  );
  return undefined;
}

/** https://kubernetes.io/docs/tasks/run-application/configure-pdb/#unhealthy-pod-eviction-policy */
function mayEvictUnhealthy({ spec, status }: DeepReadonly<PodDisruptionBudget>): boolean {
  if (spec?.unhealthyPodEvictionPolicy === "AlwaysAllow") return true;
  const { currentHealthy = 0, desiredHealthy = 0 } = status ?? {};
  return currentHealthy >= desiredHealthy && desiredHealthy > 0;
}

function isReady({ status }: SeenPod): boolean {
  return (status?.conditions ?? []).some((condition) => condition.type === "Ready" && condition.status === "True");
}

/** The pod tells why it goes, and goes. */
async function remove(pod: SeenPod, write: WriteRequest, options: DeleteOptions, deps: VerbDeps): Promise<void> {
  if (!write.dryRun && options.preconditions?.resourceVersion === undefined)
    await deps.objects.update({ ...write, subresource: "status" }, (current = {}) =>
      disrupted(current as SeenPod, options.preconditions?.uid ?? pod.metadata?.uid, deps.clock.now()),
    );
  await deps.objects.delete({ ...write, subresource: "" }, options);
}

function disrupted(pod: SeenPod, uid: string | undefined, now: number): Pod {
  const copy: Pod = deepClone(pod);
  if (uid !== undefined) copy.metadata = { ...copy.metadata, uid };
  const others = (copy.status?.conditions ?? []).filter(({ type }) => type !== "DisruptionTarget");
  const condition = {
    type: "DisruptionTarget",
    status: "True",
    reason: "EvictionByEvictionAPI",
    message: "Eviction API: evicting",
    lastTransitionTime: formatTime(now),
  };
  copy.status = { ...copy.status, conditions: [...others, condition] };
  return copy;
}

function withPreconditions(options: DeleteOptions, resourceVersion: string | undefined): DeleteOptions {
  if (resourceVersion === undefined) return options;
  return { ...options, preconditions: { resourceVersion, ...options.preconditions } };
}
