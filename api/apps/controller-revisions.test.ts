import { expect, it } from "vitest";
import { sampleWriteContext } from "../row.testing.ts";
import { controllerRevisions } from "./controller-revisions.ts";

const owner = { apiVersion: "apps/v1", kind: "StatefulSet", name: "db", uid: "1", controller: true };
const revision = { metadata: { name: "db-1", ownerReferences: [owner] }, data: { spec: {} }, revision: 4 };

it.each<[string, object, string]>([
  ["with its group", {}, "statefulset.apps/db"],
  ["of the core group", { apiVersion: "v1", kind: "Pod" }, "pod/db"],
  ["only when it controls", { controller: false }, "<none>"],
])("names the owner %s", (_what, differently, shown) => {
  const object = { ...revision, metadata: { ...revision.metadata, ownerReferences: [{ ...owner, ...differently }] } };
  expect(controllerRevisions.table?.cells(object, { now: 0 })).toEqual(["db-1", shown, 4, "<unknown>"]);
});

it("keeps its data", () => {
  const changed = { ...revision, data: { spec: { replicas: 1 } } };
  expect(controllerRevisions.validateUpdate?.(changed, revision, sampleWriteContext())).toMatchObject([
    { field: "data", detail: "field is immutable" },
  ]);
});
