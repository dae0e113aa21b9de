import type { BoundObjectReference, TokenRequestSpec } from "../../api/generated/types/authentication-v1.ts";
import type { Node, Pod, Secret } from "../../api/generated/types/core-v1.ts";
import type { DeepReadonly, KubeObject } from "../../api/machinery/object.ts";
import { ApiError, conflict, notFound } from "../../api/machinery/status.ts";
import type { BoundTokenOptions, ObjectClaim } from "../../auth/tokens/claims.ts";
import type { ObjectReader } from "../admission/object-reader.ts";

type Bound = BoundTokenOptions["bound"];

/** What a token lives and dies with. Throws 404, 409, or 400 for what no token can be bound to. */
export async function boundObject(
  { boundObjectRef: ref }: TokenRequestSpec,
  account: { readonly namespace: string; readonly name: string },
  reader: ObjectReader,
): Promise<Bound> {
  // Null where there is none: it is always written.
  if (!ref) return {};
  const { apiVersion = "", kind = "", name = "" } = ref;
  const found = async <T extends KubeObject>(resource: string, namespace: string): Promise<DeepReadonly<T>> => {
    const object = await reader.find<T>(resource, namespace, name);
    if (object === undefined) throw notFound({ group: "", resource }, name);
    return object;
  };
  switch (apiVersion.includes("/") ? "" : kind) {
    case "Pod": {
      const pod = await found<Pod>("pods", account.namespace);
      if (pod.spec?.serviceAccountName !== account.name)
        throw new ApiError(
          "BadRequest",
          `cannot bind token for serviceaccount ${JSON.stringify(account.name)} to pod running with different serviceaccount name.`,
        );
      return { pod: claimOf(pod, ref), ...(await nodeOf(pod, reader)) };
    }
    case "Node":
      return { node: claimOf(await found<Node>("nodes", ""), ref) };
    case "Secret":
      return { secret: claimOf(await found<Secret>("secrets", account.namespace), ref) };
    default:
      throw new ApiError("BadRequest", `cannot bind token to object of type ${typeText(apiVersion, kind)}`);
  }
}

/** Of the very object that is meant, where the reference says which. */
function claimOf({ metadata }: DeepReadonly<KubeObject>, ref: BoundObjectReference): ObjectClaim {
  const { name = "", uid = "" } = metadata ?? {};
  if ((ref.uid || uid) === uid) return { name, uid };
  throw conflict(
    { group: "", resource: ref.kind ?? "" },
    name,
    `the UID in the bound object reference (${ref.uid ?? ""}) does not match the UID in record. The object might have been deleted and then recreated`,
  );
}

/** As Go prints a GroupVersionKind. */
function typeText(apiVersion: string, named: string): string {
  return `${apiVersion.includes("/") ? apiVersion : `/${apiVersion}`}, Kind=${named}`;
}

/** Where the pod runs, by name alone when the node is not there. */
async function nodeOf({ spec }: DeepReadonly<Pod>, reader: ObjectReader): Promise<Pick<Bound, "node">> {
  const { nodeName: name = "" } = spec ?? {};
  if (name === "") return {};
  const uid = (await reader.find<Node>("nodes", "", name))?.metadata?.uid;
  return { node: { name, ...(uid === undefined ? {} : { uid }) } };
}
