import { expect, it } from "vitest";
import type { ResourceRow } from "../resource.ts";
import { sampleWriteContext } from "../row.testing.ts";
import { localSubjectAccessReviews } from "./local-subject-access-reviews.ts";
import { selfSubjectAccessReviews } from "./self-subject-access-reviews.ts";
import { subjectAccessReviews } from "./subject-access-reviews.ts";

const resourceAttributes = { namespace: "default", verb: "get", resource: "pods" };
const nonResourceAttributes = { path: "/healthz", verb: "get" };

it.each<[string, ResourceRow, object, string[]]>([
  ["who asks about a resource", selfSubjectAccessReviews, { resourceAttributes }, []],
  ["who asks nothing", selfSubjectAccessReviews, {}, ["spec.resourceAttributes"]],
  [
    "who asks two things",
    selfSubjectAccessReviews,
    { resourceAttributes, nonResourceAttributes },
    ["spec.nonResourceAttributes"],
  ],
  ["a user", subjectAccessReviews, { user: "ann", nonResourceAttributes }, []],
  ["a group", subjectAccessReviews, { groups: ["dev"], nonResourceAttributes }, []],
  ["nobody", subjectAccessReviews, { nonResourceAttributes }, ["spec.user"]],
  ["a user here", localSubjectAccessReviews, { user: "ann", resourceAttributes }, []],
  [
    "a user elsewhere",
    localSubjectAccessReviews,
    { user: "ann", resourceAttributes: { ...resourceAttributes, namespace: "other" } },
    ["spec.resourceAttributes.namespace"],
  ],
  [
    "a user and no namespace",
    localSubjectAccessReviews,
    { user: "ann", nonResourceAttributes },
    ["spec.nonResourceAttributes"],
  ],
])("judges a review of %s", (_what, row, spec, fields) => {
  const object: object = { spec };
  expect(row.validate?.(object, sampleWriteContext()).map(({ field }) => field)).toEqual(fields);
});
