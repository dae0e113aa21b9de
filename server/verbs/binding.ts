import type { Binding, Pod, PodStatus } from "../../api/generated/types/core-v1.ts";
import { invalid } from "../../api/machinery/field-error.ts";
import type { DeepReadonly } from "../../api/machinery/object.ts";
import { conflict } from "../../api/machinery/status.ts";
import { formatTime } from "../../api/machinery/time.ts";
import { validateBinding } from "../../api/core/bindings.ts";
import type { ApiResponse } from "../../api/wire.ts";
import type { Kind, VersionCodec } from "../encoding/kind.ts";
import { writeRequest, type ResourceRequest, type VerbDeps } from "./context.ts";
import { decodePosted, done } from "./posted.ts";
import { writeOptions } from "./write-options.ts";

/**
 * A scheduler's decision: the pod goes to the node, and stays there.
 * https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/binding-v1/
 */
export async function bindPod(request: ResourceRequest, codec: VersionCodec, deps: VerbDeps): Promise<ApiResponse> {
  const options = writeOptions(request.query, "CreateOptions", request.request.headers["user-agent"]);
  const posted = { kind: "Binding", apiVersions: ["v1"], codec } as const;
  const object = await decodePosted(request, posted, options);
  const binding = object as Binding;
  const name = binding.metadata?.name ?? "";
  const findings = validateBinding(binding);
  if (findings.length > 0) throw invalid({ group: "", kind: "Binding" }, name, findings);
  const write = { ...writeRequest(request, options, "refuse"), name };
  await deps.objects.admit(write, object);
  const pods = { ...write, ...podVersions(request, deps), direct: true };
  await deps.objects.update(pods, (pod = {}) => bound(pod as DeepReadonly<Pod>, binding, deps.clock.now()));
  return done(request);
}

/** `POST /bindings` names its pod in the body only. */
function podVersions(
  { kind }: ResourceRequest,
  deps: VerbDeps,
): { kind: Kind; version: Kind["hub"]; requested: Kind["hub"] } {
  const pods = deps.kindOf("pods") ?? kind;
  return { kind: pods, version: pods.hub, requested: pods.hub };
}

function bound(pod: DeepReadonly<Pod>, binding: Binding, now: number): Pod {
  const { name = "", deletionTimestamp } = pod.metadata ?? {};
  const refuse = (why: string): Error => conflict({ group: "", resource: "pods/binding" }, name, `pod ${name} ${why}`);
  if (deletionTimestamp !== undefined) throw refuse("is being deleted, cannot be assigned to a host");
  if (pod.spec?.nodeName) throw refuse(`is already assigned to node ${JSON.stringify(pod.spec.nodeName)}`);
  if ((pod.spec?.schedulingGates ?? []).length > 0) throw refuse("has non-empty .spec.schedulingGates");
  // The rest of it is shared with the pod as it was.
  const copy = { ...pod } as Pod;
  const { uid, resourceVersion, annotations, labels } = binding.metadata ?? {};
  copy.metadata = {
    ...copy.metadata,
    ...(annotations === undefined ? {} : { annotations: { ...copy.metadata?.annotations, ...annotations } }),
    ...(labels === undefined ? {} : { labels: { ...copy.metadata?.labels, ...labels } }),
    // What the scheduler has seen: update refuses another pod of the same name, or a newer state.
    ...(uid ? { uid } : {}),
    ...(resourceVersion ? { resourceVersion } : {}),
  };
  copy.spec = { ...copy.spec, containers: copy.spec?.containers ?? [], nodeName: binding.target.name ?? "" };
  copy.status = scheduled(copy.status ?? {}, now);
  return copy;
}

function scheduled({ nominatedNodeName: _nominated, ...status }: PodStatus, now: number): PodStatus {
  const others = (status.conditions ?? []).filter(({ type }) => type !== "PodScheduled");
  const condition = { type: "PodScheduled", status: "True", lastTransitionTime: formatTime(now) };
  return { ...status, conditions: [...others, condition] };
}
