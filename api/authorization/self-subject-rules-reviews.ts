import type { SelfSubjectRulesReview } from "../generated/types/authorization-v1.ts";
import { defineResource, type ResourceRow } from "../resource.ts";

/** Asks what the asker may do in a namespace. Answered by the authorizer, never stored. */
export const selfSubjectRulesReviews: ResourceRow = defineResource<SelfSubjectRulesReview>({
  group: "authorization.k8s.io",
  version: "v1",
  kind: "SelfSubjectRulesReview",
  plural: "selfsubjectrulesreviews",
  scope: "Cluster",
  definition: "io.k8s.api.authorization.v1.SelfSubjectRulesReview",
  verbs: ["create"],
  stored: false,
});
