import type { Pod, PodResourceClaim } from "../../api/generated/types/core-v1.ts";
import type { ResourceClaim, ResourceClaimTemplate } from "../../api/generated/types/resource-v1.ts";
import type { DeepReadonly } from "../../api/machinery/object.ts";
import { controllerOf } from "../../api/machinery/owners.ts";
import { ApiError } from "../../api/machinery/status.ts";
import type { Client, ObjectName } from "../../client/client.ts";
import { type IndexLookup, keyFor, keyOf, type Lister } from "../../client/lister.ts";
import { pods as podType, resourceClaims, resourceClaimTemplates } from "../../client/resource-types.ts";
import type { Controller, ControllerDeps } from "../controller.ts";
import { isNamespaceGoing } from "../pods/pod-control.ts";
import { claimWrites, type Consumer, releasedClaim } from "./plan-claim.ts";
import {
  claimFromTemplate,
  type ClaimObject,
  claimsToReserve,
  entriesToMake,
  isDone,
  isMadeFor,
  type PodObject,
  reservedClaim,
  resourceClaimKeysOf,
  templateKeysOf,
} from "./pod-resource-claims.ts";

/** Makes the ResourceClaims of pods, and frees them when the pods are done. https://kubernetes.io/docs/concepts/scheduling-eviction/dynamic-resource-allocation/ */
export const resourceClaimController: Controller = {
  name: "resourceclaim-controller",
  serviceAccount: "resource-claim-controller",
  component: "resource_claim",
  start(deps) {
    const pods = deps.informers.of(podType);
    const claims = deps.informers.of(resourceClaims);
    const templates = deps.informers.of(resourceClaimTemplates);
    const ownedBy = claims.index((claim) => [controllerOf(claim)?.uid ?? ""]);
    const parts: Parts = { pods, claims, templates, ownedBy, deps };
    const podQueue = deps.reconciler({
      name: "resourceclaim-controller pods",
      reconcile: (key) => reconcilePod(key, parts),
    });
    const claimQueue = deps.reconciler({
      name: "resourceclaim-controller claims",
      reconcile: (key) => reconcileClaim(key, parts),
    });
    const usersOf = pods.index(resourceClaimKeysOf);
    const madeFrom = pods.index(templateKeysOf);
    const onPod = (pod: PodObject, isGone = false): void => {
      if (isGone || isDone(pod)) for (const key of resourceClaimKeysOf(pod)) claimQueue.add(key);
      else if ((pod.spec?.resourceClaims ?? []).length > 0) podQueue.add(keyOf(pod));
    };
    const onClaim = (claim: ClaimObject): void => {
      claimQueue.add(keyOf(claim));
      for (const pod of usersOf(keyOf(claim))) onPod(pod);
    };
    const onTemplate = (template: DeepReadonly<ResourceClaimTemplate>): void => {
      for (const pod of madeFrom(keyOf(template))) onPod(pod);
    };
    pods.on({ added: (pod) => onPod(pod), updated: (pod) => onPod(pod), deleted: (pod) => onPod(pod, true) });
    claims.on({ added: onClaim, updated: onClaim, deleted: onClaim });
    templates.on({ added: onTemplate, updated: onTemplate });
  },
};

interface Parts {
  readonly pods: Lister<Pod>;
  readonly claims: Lister<ResourceClaim>;
  readonly templates: Lister<ResourceClaimTemplate>;
  /** By the uid of the owner. */
  readonly ownedBy: IndexLookup<ResourceClaim>;
  readonly deps: Pick<ControllerDeps, "client" | "events">;
}

type Entry = DeepReadonly<PodResourceClaim>;

async function reconcilePod(key: string, parts: Parts): Promise<void> {
  const pod = parts.pods.get(key);
  if (pod === undefined || pod.metadata?.deletionTimestamp !== undefined) return;
  const { client, events } = parts.deps;
  const find = (name: string): ClaimObject | undefined => parts.claims.get(keyFor(pod.metadata?.namespace, name));
  const made = new Map<string, string>();
  for (const entry of entriesToMake(pod, find)) {
    try {
      const name = await make(pod, entry, parts);
      if (name !== undefined) made.set(entry.name, name);
    } catch (thrown) {
      const message = `PodResourceClaim ${entry.name}: ${messageOf(thrown)}`;
      events.event(pod, { type: "Warning", reason: "FailedResourceClaimCreation", message });
      throw thrown;
    }
  }
  if (made.size > 0) await record(pod, made, parts);
  for (const claim of claimsToReserve(pod, find))
    await client.update(resourceClaims, reservedClaim(claim, pod), "status");
}

/** One that was made before a crash, or a new one. Answers its name; undefined where nothing can be made any more. */
async function make(pod: PodObject, entry: Entry, { ownedBy, templates, deps }: Parts): Promise<string | undefined> {
  const before = ownedBy(pod.metadata?.uid ?? "").find((claim) => isMadeFor(claim, entry));
  if (before !== undefined) return before.metadata?.name;
  const templateName = entry.resourceClaimTemplateName ?? "";
  const template = templates.get(keyFor(pod.metadata?.namespace, templateName));
  if (template === undefined) {
    const missing = `resourceclaimtemplate.resource.k8s.io ${JSON.stringify(templateName)} not found`;
    throw new Error(`resource claim template ${JSON.stringify(templateName)}: ${missing}`);
  }
  try {
    const claim = await deps.client.create(resourceClaims, claimFromTemplate(pod, entry, template));
    return claim.metadata?.name;
  } catch (thrown) {
    if (isNamespaceGoing(thrown)) return undefined;
    throw new Error(`create ResourceClaim : ${messageOf(thrown)}`, { cause: thrown });
  }
}

/** All of them: what an apply leaves out is taken away. */
async function record(
  { metadata, status }: PodObject,
  made: ReadonlyMap<string, string>,
  { deps }: Parts,
): Promise<void> {
  const { namespace, name = "" } = metadata ?? {};
  const before = (status?.resourceClaimStatuses ?? []).filter((one) => !made.has(one.name));
  const added = [...made].map(([entry, claim]) => ({ name: entry, resourceClaimName: claim }));
  const applied = {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { namespace, name },
    status: { resourceClaimStatuses: [...before, ...added] },
  };
  const options = {
    type: "apply",
    subresource: "status",
    fieldManager: "ResourceClaimController",
    force: true,
  } as const;
  await deps.client.patch(podType, { namespace, name }, applied, options);
}

async function reconcileClaim(key: string, parts: Parts): Promise<void> {
  const claim = parts.claims.get(key);
  if (claim === undefined) return;
  const { client } = parts.deps;
  const left: Consumer[] = [];
  for (const consumer of claim.status?.reservedFor ?? [])
    if (await isStillUser(claim, consumer, parts)) left.push(consumer);
  const { status, release } = claimWrites(claim, left);
  const written = status === undefined ? claim : await client.update(resourceClaims, status, "status");
  if (release) await client.update(resourceClaims, releasedClaim(written));
  if (left.length === 0 && isUnneeded(claim, parts) && claim.metadata?.deletionTimestamp === undefined)
    await remove(claim, parts);
}

/** Of others than pods nothing is known: they keep what they have. */
async function isStillUser({ metadata }: ClaimObject, consumer: Consumer, parts: Parts): Promise<boolean> {
  const { apiGroup = "", resource, name, uid } = consumer;
  if (apiGroup !== "" || resource !== "pods") return true;
  const known = parts.pods.get(keyFor(metadata?.namespace, name));
  if (known !== undefined) return known.metadata?.uid === uid && !isDone(known);
  // The scheduler may have reserved it for a pod that no watch has told of yet.
  const pod = await find(parts.deps.client, { namespace: metadata?.namespace, name });
  return pod?.metadata?.uid === uid;
}

async function find(client: Client, name: ObjectName): Promise<PodObject | undefined> {
  try {
    return await client.get(podType, name);
  } catch (thrown) {
    if (thrown instanceof ApiError && thrown.reason === "NotFound") return undefined;
    throw thrown;
  }
}

/** Made for a pod that will not run any more, though it may be there for long. Where it is gone, the garbage collector comes. */
function isUnneeded(claim: ClaimObject, { pods }: Parts): boolean {
  const owner = controllerOf(claim);
  if (owner?.apiVersion !== "v1" || owner.kind !== "Pod") return false;
  const pod = pods.get(keyFor(claim.metadata?.namespace, owner.name));
  return pod !== undefined && (pod.metadata?.uid !== owner.uid || isDone(pod));
}

async function remove({ metadata }: ClaimObject, { deps }: Parts): Promise<void> {
  const { namespace, name = "", uid } = metadata ?? {};
  try {
    await deps.client.delete(resourceClaims, { namespace, name }, { preconditions: { uid } });
  } catch (thrown) {
    if (!(thrown instanceof ApiError && thrown.reason === "NotFound")) throw thrown;
  }
}

function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}
