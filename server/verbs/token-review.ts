import type { TokenReview, TokenReviewStatus } from "../../api/generated/types/authentication-v1.ts";
import { ApiError } from "../../api/machinery/status.ts";
import type { ApiResponse, UserInfo } from "../../api/wire.ts";
import { authenticated } from "../../auth/authn/any-of.ts";
import { type TokenAuthenticator, TokenError, type TokenIdentity } from "../../auth/authn/token-authenticator.ts";
import { objectResponse } from "../encoding/object.ts";
import { ownFields } from "../strategy/managed-fields.ts";
import { acceptedBy, writeRequest, type ResourceRequest, type VerbDeps } from "./context.ts";
import { decodeObject, matchUrl } from "./decode.ts";
import { writeOptions } from "./write-options.ts";

export interface TokenReviewing {
  readonly identifyToken: TokenAuthenticator;
  /** This server's own, for those who name none. */
  readonly audiences: readonly string[];
}

/**
 * Whom a token stands for, asked by a server that was shown it.
 * https://kubernetes.io/docs/reference/kubernetes-api/authentication-resources/token-review-v1/
 */
export async function reviewToken(
  request: ResourceRequest,
  { identifyToken, audiences: own }: TokenReviewing,
  deps: VerbDeps,
): Promise<ApiResponse> {
  const accepted = acceptedBy(request, { stream: false });
  const options = writeOptions(request.query, "CreateOptions", request.request.headers["user-agent"]);
  const object = await decodeObject(request, options);
  matchUrl(request, object);
  const review = object as TokenReview;
  const { token = "", audiences = [] } = review.spec;
  if (token === "") throw new ApiError("BadRequest", "token is required for TokenReview in authentication");
  const write = writeRequest(request, options, "refuse");
  await ownFields(write, object, undefined, deps.clock.now());
  await deps.objects.admit(write, object);
  review.status = await statusOf(token, audiences.length === 0 ? own : audiences, identifyToken);
  return objectResponse(201, object, accepted);
}

async function statusOf(
  token: string,
  asked: readonly string[],
  identify: TokenAuthenticator,
): Promise<TokenReviewStatus> {
  try {
    const identity = await identify(token, asked);
    if (identity === undefined) return { user: {}, error: "invalid bearer token" };
    requireAudience(identity, asked);
    return { authenticated: true, user: userOf(authenticated(identity.user)), audiences: [...identity.audiences] };
  } catch (thrown) {
    if (thrown instanceof TokenError) return { user: {}, error: thrown.message };
    throw thrown;
  }
}

/** An authenticator that takes a token for somebody else's audience is at fault. */
function requireAudience({ audiences }: TokenIdentity, asked: readonly string[]): void {
  if (asked.length > 0 && !audiences.some((audience) => asked.includes(audience)))
    throw new ApiError("InternalError", "Internal error occurred: error validating audiences");
}

function userOf({ name, uid, groups, extra = {} }: UserInfo): NonNullable<TokenReviewStatus["user"]> {
  const extras = Object.entries(extra).map(([key, values]): [string, string[]] => [key, [...values]]);
  return {
    username: name,
    ...(uid === undefined ? {} : { uid }),
    groups: [...groups],
    ...(extras.length === 0 ? {} : { extra: Object.fromEntries(extras) }),
  };
}
