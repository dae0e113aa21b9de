import type { DeepReadonly, KubeObject } from "../../api/machinery/object.ts";
import { ApiError, type Status } from "../../api/machinery/status.ts";
import type { Transport } from "../../api/wire.ts";
import { answerOf, errorOf } from "../../client/call.ts";
import { type Client, collectionOf } from "../../client/client.ts";
import type { ResourceType } from "../../client/resource-types.ts";
import type { DiscoveredResource } from "../discovery/discovered.ts";
import { type Remaining, remainingOf } from "./remaining.ts";

export interface DeleteContentDeps {
  readonly client: Client;
  readonly transport: Transport;
}

/** Seconds that objects may wait for finalizers before anybody looks again. */
const finalizerEstimate = 15;

/** What came of one resource. With an estimate (seconds) it is no failure that some remain. */
export interface Deleted {
  readonly remaining?: Remaining;
  readonly estimate: number;
  readonly failure?: string;
}

/** Deletes a resource's objects in a namespace, and says what is left. `grace`: seconds that they may still take for it. */
export async function deleteContent(
  resource: DiscoveredResource,
  namespace: string,
  grace: number,
  deps: DeleteContentDeps,
): Promise<Deleted> {
  const { type, verbs, group, version } = resource;
  try {
    const isDone = verbs.has("deletecollection") && (await deleteCollection(type, namespace, deps.transport));
    if (!isDone) await deleteEach(resource, namespace, deps.client);
    const left = await list(resource, namespace, deps.client);
    if (left.length === 0) return { estimate: 0 };
    const remaining = remainingOf({ resource: type.plural, group }, left);
    if (grace > 0) return { remaining, estimate: grace };
    if (remaining.finalizers.size > 0) return { remaining, estimate: finalizerEstimate };
    const gvr = `${group}/${version}, Resource=${type.plural}`;
    return {
      remaining,
      estimate: 0,
      failure: `unexpected items still remain in namespace: ${namespace} for gvr: ${gvr}`,
    };
  } catch (thrown) {
    if (thrown instanceof Error) return { estimate: grace, failure: thrown.message };
    throw thrown;
  }
}

/** False where the server cannot. The answer lists all that was deleted: it is not read. */
async function deleteCollection(type: ResourceType, namespace: string, transport: Transport): Promise<boolean> {
  const options = { apiVersion: "v1", kind: "DeleteOptions", propagationPolicy: "Background" };
  const response = await transport({
    method: "DELETE",
    url: collectionOf(type, namespace),
    headers: {
      accept: "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json",
      "content-type": "application/json",
      "user-agent": "kube-controller-manager/v1.36",
    },
    body: Buffer.from(JSON.stringify(options)),
    signal: new AbortController().signal,
    peer: { address: "in process" },
  });
  if (response.status >= 400) {
    const refused = errorOf((await answerOf(response)) as Status, response.status);
    if (isUnsupported(refused)) return false;
    throw refused;
  }
  if (response.body.type === "chunks") for await (const _ of response.body.chunks);
  return true;
}

async function deleteEach({ type, verbs }: DiscoveredResource, namespace: string, client: Client): Promise<void> {
  if (!verbs.has("list")) return;
  for (const { metadata } of await listed(type, namespace, client)) {
    try {
      await client.delete(type, { namespace, name: metadata?.name ?? "" }, { propagationPolicy: "Background" });
    } catch (thrown) {
      if (!isUnsupported(thrown)) throw thrown;
    }
  }
}

async function list(
  { type, verbs }: DiscoveredResource,
  namespace: string,
  client: Client,
): Promise<readonly DeepReadonly<KubeObject>[]> {
  return verbs.has("list") ? listed(type, namespace, client) : [];
}

async function listed(
  type: ResourceType,
  namespace: string,
  client: Client,
): Promise<readonly DeepReadonly<KubeObject>[]> {
  try {
    return await client.list(type, { namespace });
  } catch (thrown) {
    if (isUnsupported(thrown)) return [];
    throw thrown;
  }
}

/** What is told of in discovery may still not be served, or not so. */
function isUnsupported(thrown: unknown): boolean {
  return thrown instanceof ApiError && (thrown.reason === "MethodNotAllowed" || thrown.reason === "NotFound");
}
