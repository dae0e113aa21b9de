import type { SelfSubjectReview } from "../generated/types/authentication-v1.ts";
import { defineResource, type ResourceRow } from "../resource.ts";

/** Asks who is asking. Answered from the request's own identity, never stored. */
export const selfSubjectReviews: ResourceRow = defineResource<SelfSubjectReview>({
  group: "authentication.k8s.io",
  version: "v1",
  kind: "SelfSubjectReview",
  plural: "selfsubjectreviews",
  scope: "Cluster",
  definition: "io.k8s.api.authentication.v1.SelfSubjectReview",
  verbs: ["create"],
  stored: false,
});
