import type { BoundObjectReference, TokenRequest } from "../../../api/generated/types/authentication-v1.ts";
import type { Pod } from "../../../api/generated/types/core-v1.ts";
import type { DeepReadonly } from "../../../api/machinery/object.ts";
import { forbid } from "../forbid.ts";
import type { AdmissionRequest } from "../plugin.ts";
import { audienceProblem } from "./audiences.ts";
import type { Restriction, RestrictionDeps } from "./node-restriction.ts";
import { noSuch } from "./not-found.ts";

/** A node gets tokens for its own pods, and for nobody whom they do not talk to. */
export const restrictToken: Restriction = async (node, request, deps) => {
  if (request.operation !== "CREATE" || request.subresource !== "token") return;
  // Nothing else is created there.
  const { spec } = request.object as TokenRequest;
  const pod = await boundPod(spec?.boundObjectRef, request, deps);
  if (pod.spec?.nodeName !== node)
    throw forbid(request, "node requested token bound to a pod scheduled on a different node");
  const problem = await audienceProblem(spec?.audiences ?? [], pod, request, deps);
  if (problem !== undefined) throw forbid(request, problem);
};

async function boundPod(
  bound: BoundObjectReference | undefined,
  request: AdmissionRequest,
  { reader }: RestrictionDeps,
): Promise<DeepReadonly<Pod>> {
  const { apiVersion, kind, name = "", uid = "" } = bound ?? {};
  if (apiVersion !== "v1" || kind !== "Pod" || name === "")
    throw forbid(request, "node requested token not bound to a pod");
  if (uid === "") throw forbid(request, "node requested token with a pod binding without a uid");
  const pod = await reader.find<Pod>("pods", request.namespace, name);
  if (pod === undefined) throw noSuch("pod", name);
  if (pod.metadata?.uid !== uid) {
    const why = `the UID in the bound object reference (${uid}) does not match the UID in record`;
    throw forbid(request, `${why}. The object might have been deleted and then recreated`);
  }
  return pod;
}
