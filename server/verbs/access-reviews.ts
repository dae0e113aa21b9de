import type {
  SelfSubjectAccessReview,
  SubjectAccessReviewSpec,
  SubjectAccessReviewStatus,
} from "../../api/generated/types/authorization-v1.ts";
import { invalid } from "../../api/machinery/field-error.ts";
import type { DeepReadonly, KubeObject } from "../../api/machinery/object.ts";
import type { ApiResponse, UserInfo } from "../../api/wire.ts";
import type { Authorizer } from "../../auth/authz/authorizer.ts";
import { objectResponse } from "../encoding/object.ts";
import { ownFields } from "../strategy/managed-fields.ts";
import { askedAttributes } from "./access-review-attributes.ts";
import { acceptedBy, writeRequest, type ResourceRequest, type VerbDeps } from "./context.ts";
import { decodeObject, matchUrl } from "./decode.ts";
import { writeOptions } from "./write-options.ts";

/** Whether the caller may do something: `kubectl auth can-i`. */
export function selfSubjectAccessReview(request: ResourceRequest, deps: VerbDeps): Promise<ApiResponse> {
  return reviewAccess(request, deps, () => request.user);
}

/**
 * Whether somebody may do something, anywhere or, for a local review, in its namespace.
 * https://kubernetes.io/docs/reference/access-authn-authz/authorization/#checking-api-access
 */
export function subjectAccessReview(request: ResourceRequest, deps: VerbDeps): Promise<ApiResponse> {
  return reviewAccess(request, deps, ({ spec }) => namedUser(spec as SubjectAccessReviewSpec));
}

function namedUser({ user = "", uid, groups, extra }: DeepReadonly<SubjectAccessReviewSpec>): UserInfo {
  return {
    name: user,
    groups: groups ?? [],
    ...(uid === undefined ? {} : { uid }),
    ...(extra === undefined ? {} : { extra }),
  };
}

async function reviewAccess(
  request: ResourceRequest,
  deps: VerbDeps,
  whose: (review: SelfSubjectAccessReview) => UserInfo,
): Promise<ApiResponse> {
  const accepted = acceptedBy(request, { stream: false });
  const options = writeOptions(request.query, "CreateOptions", request.request.headers["user-agent"]);
  const object = await decodeObject(request, options);
  matchUrl(request, object);
  const write = writeRequest(request, options, "refuse");
  await ownFields(write, object, undefined, deps.clock.now());
  await deps.objects.admit(write, object, async () => validate(request, object, deps));
  // The kind says which type its objects have.
  const review = object as SelfSubjectAccessReview;
  review.status = await statusOf(review, whose(review), deps.authorizer);
  return objectResponse(201, review, accepted);
}

function validate(
  { kind, version, target, user }: ResourceRequest,
  object: KubeObject,
  { clock, random }: VerbDeps,
): void {
  const { row } = kind;
  const { namespace, subresource } = target;
  const context = {
    namespace,
    subresource,
    user,
    operation: "create",
    now: clock.now(),
    uuid: () => random.uuid(),
  } as const;
  const errors = [...version.validate(object), ...(row.validate?.(object, context) ?? [])];
  // Upstream has lost the kind's name by then.
  if (errors.length > 0) throw invalid({ group: row.group, kind: "" }, "", errors);
}

async function statusOf(
  { spec }: SelfSubjectAccessReview,
  user: UserInfo,
  authorizer: Authorizer,
): Promise<SubjectAccessReviewStatus> {
  const { attributes, problems } = askedAttributes(user, spec);
  const { opinion, reason, error } = await authorizer(attributes);
  const evaluationError = [...(error === undefined ? [] : [error]), ...problems].join("; ");
  return {
    allowed: opinion === "allow",
    ...(opinion === "deny" ? { denied: true } : {}),
    ...(reason === "" ? {} : { reason }),
    ...(evaluationError === "" ? {} : { evaluationError }),
  };
}
