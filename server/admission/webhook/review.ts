import type { DeepReadonly, Json, JsonObject, KubeObject } from "../../../api/machinery/object.ts";
import type { AdmissionRequest } from "../plugin.ts";
import { namespaceOf } from "./selectors.ts";
import { kindIn, resourceIn } from "./shown-version.ts";
import type { KindVersion } from "../../encoding/kind.ts";

/** The versions of AdmissionReview that are spoken. */
export type ReviewVersion = "v1" | "v1beta1";

const spoken: readonly string[] = ["v1", "v1beta1"];

/** The first that the webhook names and we speak. */
export function reviewVersion(accepted: readonly string[]): ReviewVersion | undefined {
  return accepted.find((version): version is ReviewVersion => spoken.includes(version));
}

/** What a webhook is shown of a request. */
export interface Shown {
  readonly request: AdmissionRequest;
  /** The version that its rule names. */
  readonly version: KindVersion;
  readonly object: DeepReadonly<KubeObject> | undefined;
  readonly old: DeepReadonly<KubeObject> | undefined;
}

/** https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/#request */
export function admissionReview(shown: Shown, version: ReviewVersion, uid: string): JsonObject {
  return {
    kind: "AdmissionReview",
    apiVersion: `admission.k8s.io/${version}`,
    request: { uid, ...requestFields(shown) },
  };
}

/** `request` without its uid; match conditions see it too. */
export function requestFields({ request, version, object, old }: Shown): JsonObject {
  const { requested, subresource, name, operation, dryRun, options } = request;
  const namespace = namespaceOf(request);
  const part = subresource === "" ? {} : { subResource: subresource };
  const requestPart = subresource === "" ? {} : { requestSubResource: subresource };
  return {
    kind: { ...kindIn(request, version) },
    resource: { ...resourceIn(request, version) },
    ...part,
    requestKind: { ...kindIn(request, requested) },
    requestResource: { ...resourceIn(request, requested) },
    ...requestPart,
    ...(name === "" ? {} : { name }),
    ...(namespace === "" ? {} : { namespace }),
    operation,
    userInfo: userInfo(request),
    object: jsonOf(object),
    oldObject: jsonOf(old),
    dryRun,
    options: Object.keys(options).length === 0 ? null : options,
  };
}

function userInfo({ user }: AdmissionRequest): JsonObject {
  const extra = Object.entries(user.extra ?? {}).map(([key, values]): [string, string[]] => [key, [...values]]);
  return {
    username: user.name,
    ...(user.uid === undefined || user.uid === "" ? {} : { uid: user.uid }),
    groups: [...user.groups],
    ...(extra.length === 0 ? {} : { extra: Object.fromEntries(extra) }),
  };
}

/** Only ever read: a review is encoded, and evaluated by CEL. */
function jsonOf(object: DeepReadonly<KubeObject> | undefined): Json {
  return object === undefined ? null : (object as JsonObject);
}
