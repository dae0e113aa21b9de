import type { SelfSubjectAccessReview } from "../generated/types/authorization-v1.ts";
import { defineResource, type ResourceRow } from "../resource.ts";
import { validateAttributes, validateMetadata, validateSelectors } from "./review-rules.ts";

/** Asks whether the asker may do something. Answered by the authorizer, never stored. */
export const selfSubjectAccessReviews: ResourceRow = defineResource<SelfSubjectAccessReview>({
  group: "authorization.k8s.io",
  version: "v1",
  kind: "SelfSubjectAccessReview",
  plural: "selfsubjectaccessreviews",
  scope: "Cluster",
  definition: "io.k8s.api.authorization.v1.SelfSubjectAccessReview",
  verbs: ["create"],
  stored: false,
  validate: ({ metadata, spec }) => [
    ...validateAttributes(spec),
    ...validateSelectors(spec),
    ...validateMetadata(metadata, { local: false }),
  ],
});
