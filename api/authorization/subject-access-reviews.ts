import type { SubjectAccessReview } from "../generated/types/authorization-v1.ts";
import { defineResource, type ResourceRow } from "../resource.ts";
import { validateAttributes, validateMetadata, validateSelectors, validateSubject } from "./review-rules.ts";

/** Asks whether someone may do something. Answered by the authorizer, never stored. */
export const subjectAccessReviews: ResourceRow = defineResource<SubjectAccessReview>({
  group: "authorization.k8s.io",
  version: "v1",
  kind: "SubjectAccessReview",
  plural: "subjectaccessreviews",
  scope: "Cluster",
  definition: "io.k8s.api.authorization.v1.SubjectAccessReview",
  verbs: ["create"],
  stored: false,
  validate: ({ metadata, spec }) => [
    ...validateAttributes(spec),
    ...validateSubject(spec),
    ...validateSelectors(spec),
    ...validateMetadata(metadata, { local: false }),
  ],
});
