import type { RuleResolver } from "../../auth/authz/rule-resolver.ts";
import { ApiError } from "../../api/machinery/status.ts";
import type { ApiResponse } from "../../api/wire.ts";
import { apiVersionOf, type Kind, type VersionCodec } from "../encoding/kind.ts";
import type { FoundKind } from "../kinds.ts";
import { methodNotAllowed } from "../pipeline/describe.ts";
import type { Permitted, ResourceTarget } from "../pipeline/stages.ts";
import type { ResourceRequest, VerbDeps } from "./context.ts";
import { selfSubjectAccessReview, subjectAccessReview } from "./access-reviews.ts";
import { bindPod } from "./binding.ts";
import { componentStatuses, type ComponentCheck } from "./component-statuses.ts";
import { create } from "./create.ts";
import { deleteCollection } from "./delete-collection.ts";
import { deleteOne } from "./delete.ts";
import { evictPod } from "./eviction.ts";
import { get } from "./get.ts";
import { list } from "./list.ts";
import { patch } from "./patch.ts";
import { scale } from "./scale.ts";
import { selfSubjectReview } from "./self-subject-review.ts";
import { selfSubjectRulesReview } from "./self-subject-rules-review.ts";
import { requestToken, type TokenIssuing } from "./token-request.ts";
import { reviewToken, type TokenReviewing } from "./token-review.ts";
import { update } from "./update.ts";
import { watch } from "./watch.ts";

export interface DispatchDeps extends VerbDeps {
  /** What a user may do, as a list. */
  readonly rulesOf: RuleResolver;
  /** Which kind and version a URL names. */
  readonly findKind: (group: string, version: string, resource: string) => FoundKind | undefined;
  readonly components: readonly ComponentCheck[];
  /** Of what comes and goes through subresources. */
  readonly codecs: Readonly<Record<"binding" | "eviction" | "tokenRequest", VersionCodec>>;
  readonly scaleKind: Kind;
  readonly tokenIssuing: TokenIssuing;
  readonly tokenReviewing: TokenReviewing;
}

/** From a permitted resource request to its verb. */
export async function dispatch(
  permitted: Permitted & { readonly target: ResourceTarget },
  deps: DispatchDeps,
): Promise<ApiResponse> {
  const { target } = permitted;
  const found = deps.findKind(target.group, target.version, target.resource);
  if (found === undefined) throw noSuchResource();
  const request: ResourceRequest = { ...permitted, ...found };
  requireServed(request);
  const deprecation = found.version.served.deprecation ?? found.kind.row.deprecation;
  if (deprecation !== undefined) request.warnings.add(deprecation);
  return answer(request, deps);
}

async function answer(request: ResourceRequest, deps: DispatchDeps): Promise<ApiResponse> {
  const { target, kind } = request;
  if (target.subresource !== "" && !isOfOwnKind(request)) return answerSubresource(request, deps);
  if (!kind.row.stored) return answerUnstored(request, deps);
  switch (target.verb) {
    case "get":
      return get(request, deps);
    case "list":
      return list(request, deps);
    case "watch":
      return watch(request, deps);
    case "create":
      return create(request, deps);
    case "update":
      return update(request, deps);
    case "patch":
      return patch(request, deps);
    case "delete":
      return deleteOne(request, deps);
    case "deletecollection":
      return deleteCollection(request, deps);
  }
}

/** The URL must be one that discovery announces, in scope and verb. */
function requireServed({ target, kind }: ResourceRequest): void {
  const { row } = kind;
  if (target.namespace !== "" && row.scope === "Cluster") throw noSuchResource();
  const isCollectionRead = target.name === "" && (target.verb === "list" || target.verb === "watch");
  const isWatchOfOne = target.verb === "watch" && target.name !== "";
  if (row.scope === "Namespaced" && target.namespace === "" && !isCollectionRead)
    throw target.name === "" && !isWatchOfOne ? methodNotAllowed() : noSuchResource();
  if (target.subresource === "") {
    if (
      target.verb === "create"
        ? target.name !== ""
        : target.name === "" && (target.verb === "update" || target.verb === "patch")
    )
      throw methodNotAllowed();
    if (!row.verbs.includes(target.verb)) throw methodNotAllowed();
    return;
  }
  const subresource = row.subresources.find(({ name }) => name === target.subresource);
  if (subresource === undefined || (target.tail !== "" && subresource.connect !== true)) throw noSuchResource();
  if (!subresource.verbs.includes(target.verb as never)) throw methodNotAllowed();
}

/** Such as `status`: another door to the same object. What a kind streams or proxies is not. */
function isOfOwnKind({ target, kind }: ResourceRequest): boolean {
  const { row } = kind;
  const found = row.subresources.find(({ name }) => name === target.subresource);
  const isOwn = found?.kind === row.kind && found.group === row.group;
  return isOwn && found.connect !== true && found.name !== "log";
}

function answerSubresource(request: ResourceRequest, deps: DispatchDeps): Promise<ApiResponse> {
  const { row } = request.kind;
  const { subresource } = request.target;
  if (subresource === "scale") return scale(request, deps.scaleKind, deps);
  if (row.group === "" && row.plural === "pods" && subresource === "binding")
    return bindPod(request, deps.codecs.binding, deps);
  if (row.group === "" && row.plural === "pods" && subresource === "eviction")
    return evictPod(request, deps.codecs.eviction, deps);
  if (row.group === "" && row.plural === "serviceaccounts" && subresource === "token")
    return requestToken(request, { ...deps, codec: deps.codecs.tokenRequest, issuing: deps.tokenIssuing });
  throw notSupported(`${row.plural}/${subresource}`, row.group, row.version);
}

function answerUnstored(request: ResourceRequest, deps: DispatchDeps): Promise<ApiResponse> {
  const { row } = request.kind;
  if (row.plural === "selfsubjectreviews") return selfSubjectReview(request, deps);
  if (row.plural === "selfsubjectaccessreviews") return selfSubjectAccessReview(request, deps);
  if (row.plural === "subjectaccessreviews" || row.plural === "localsubjectaccessreviews")
    return subjectAccessReview(request, deps);
  if (row.plural === "selfsubjectrulesreviews") return selfSubjectRulesReview(request, deps.rulesOf, deps);
  if (row.plural === "tokenreviews") return reviewToken(request, deps.tokenReviewing, deps);
  if (row.group === "" && row.plural === "componentstatuses") return componentStatuses(request, deps.components, deps);
  if (row.group === "" && row.plural === "bindings") return bindPod(request, deps.codecs.binding, deps);
  throw notSupported(row.plural, row.group, row.version);
}

export function noSuchResource(): ApiError {
  return new ApiError("NotFound", "the server could not find the requested resource", { details: {} });
}

function notSupported(resource: string, group: string, version: string): ApiError {
  return new ApiError("", `${resource} in ${apiVersionOf(group, version)} is not supported by this version of Wherry`, {
    code: 501,
  });
}
