import type { LocalSubjectAccessReview } from "../generated/types/authorization-v1.ts";
import { defineResource, type ResourceRow } from "../resource.ts";
import {
  validateAttributes,
  validateMetadata,
  validateNamespace,
  validateSelectors,
  validateSubject,
} from "./review-rules.ts";

/** Asks whether someone may do something in one namespace. Answered by the authorizer, never stored. */
export const localSubjectAccessReviews: ResourceRow = defineResource<LocalSubjectAccessReview>({
  group: "authorization.k8s.io",
  version: "v1",
  kind: "LocalSubjectAccessReview",
  plural: "localsubjectaccessreviews",
  scope: "Namespaced",
  definition: "io.k8s.api.authorization.v1.LocalSubjectAccessReview",
  verbs: ["create"],
  stored: false,
  validate: ({ metadata, spec }, { namespace }) => [
    ...validateAttributes(spec),
    ...validateSubject(spec),
    ...validateSelectors(spec),
    ...validateMetadata(metadata, { local: true }),
    ...validateNamespace(spec, namespace),
  ],
});
