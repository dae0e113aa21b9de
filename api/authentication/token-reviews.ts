import type { TokenReview } from "../generated/types/authentication-v1.ts";
import { defineResource, type ResourceRow } from "../resource.ts";

/** Asks whose token this is. Answered by the authenticator, never stored. */
export const tokenReviews: ResourceRow = defineResource<TokenReview>({
  group: "authentication.k8s.io",
  version: "v1",
  kind: "TokenReview",
  plural: "tokenreviews",
  scope: "Cluster",
  definition: "io.k8s.api.authentication.v1.TokenReview",
  verbs: ["create"],
  stored: false,
});
