import { describe, expect, it } from "vitest";
import type { Subject } from "../generated/types/rbac-v1.ts";
import { describeFieldError } from "../machinery/field-error.ts";
import type { ResourceRow } from "../resource.ts";
import { sampleWriteContext } from "../row.testing.ts";
import { clusterRoleBindings } from "./cluster-role-bindings.ts";
import { roleBindings } from "./role-bindings.ts";

const context = sampleWriteContext();
const apiGroup = "rbac.authorization.k8s.io";
const roleRef = { apiGroup, kind: "ClusterRole", name: "view" };

function findings(row: ResourceRow, object: object): string[] {
  return (row.validate?.(object, context) ?? []).map((one) => `${one.field}: ${describeFieldError(one)}`);
}

it("shows who is bound", () => {
  const subjects = [
    { kind: "User", apiGroup, name: "ann" },
    { kind: "User", apiGroup, name: "bob" },
    { kind: "Group", apiGroup, name: "dev" },
    { kind: "ServiceAccount", name: "ci", namespace: "build" },
    { kind: "ServiceAccount", name: "local" },
  ];
  const binding = { metadata: { name: "viewers" }, roleRef, subjects };
  const cells = ["viewers", "ClusterRole/view", "<unknown>", "ann, bob", "dev", "build/ci, local"];
  expect(roleBindings.table?.cells(binding, { now: 0 })).toEqual(cells);
  expect(clusterRoleBindings.table?.cells(binding, { now: 0 })).toEqual(cells);
});

describe("validation of bindings", () => {
  it.each<[string, ResourceRow, object, string[]]>([
    [
      "no group",
      roleBindings,
      { ...roleRef, apiGroup: "" },
      [`roleRef.apiGroup: Unsupported value: "": supported values: "${apiGroup}"`],
    ],
    [
      "another kind",
      roleBindings,
      { ...roleRef, kind: "Rule" },
      ['roleRef.kind: Unsupported value: "Rule": supported values: "Role", "ClusterRole"'],
    ],
    ["no name", roleBindings, { ...roleRef, name: "" }, ["roleRef.name: Required value"]],
    ["a name in a path", roleBindings, { ...roleRef, name: "system:a" }, []],
    [
      "a role of one namespace everywhere",
      clusterRoleBindings,
      { ...roleRef, kind: "Role" },
      ['roleRef.kind: Unsupported value: "Role": supported values: "ClusterRole"'],
    ],
  ])("judges a reference with %s", (_what, row, ref, expected) => {
    expect(findings(row, { roleRef: ref })).toEqual(expected);
  });

  it.each<[string, ResourceRow, Subject, string[]]>([
    [
      "an unknown kind",
      roleBindings,
      { kind: "Robot", name: "x" },
      ['kind: Unsupported value: "Robot": supported values: "ServiceAccount", "User", "Group"'],
    ],
    [
      "a user without its group",
      roleBindings,
      { kind: "User", name: "ann" },
      [`apiGroup: Unsupported value: "": supported values: "${apiGroup}"`],
    ],
    [
      "a service account of nowhere",
      clusterRoleBindings,
      { kind: "ServiceAccount", name: "ci" },
      ["namespace: Required value"],
    ],
    ["a service account of here", roleBindings, { kind: "ServiceAccount", name: "ci" }, []],
    ["no name", roleBindings, { kind: "Group", apiGroup, name: "" }, ["name: Required value"]],
  ])("judges a subject with %s", (_what, row, subject, expected) => {
    expect(findings(row, { roleRef, subjects: [subject] })).toEqual(expected.map((one) => `subjects[0].${one}`));
  });

  it("keeps the role", () => {
    const old: object = { roleRef };
    const renamed = { ...roleRef, name: "admin" };
    const changed: object = { roleRef: renamed };
    for (const row of [roleBindings, clusterRoleBindings]) {
      expect(row.validateUpdate?.(changed, old, context)).toEqual([
        { type: "Invalid", field: "roleRef", value: renamed, detail: "cannot change roleRef" },
      ]);
      expect(row.validateUpdate?.(old, old, context)).toEqual([]);
    }
  });
});
