import { expect, it } from "vitest";
import type { PolicyRule } from "../generated/types/rbac-v1.ts";
import { sampleWriteContext } from "../row.testing.ts";
import { clusterRoles } from "./cluster-roles.ts";
import { roles } from "./roles.ts";

const context = sampleWriteContext();
const resources = { apiGroups: [""], resources: ["pods"], verbs: ["get"] };
const urls = { nonResourceURLs: ["/healthz"], verbs: ["get"] };

it.each<[string, PolicyRule, string[], string[]]>([
  ["resources", resources, [], []],
  ["URLs", urls, ["namespaced rules cannot apply to non-resource URLs"], []],
  [
    "both",
    { ...resources, ...urls },
    [
      "namespaced rules cannot apply to non-resource URLs",
      "rules cannot apply to both regular resources and non-resource URLs",
    ],
    ["rules cannot apply to both regular resources and non-resource URLs"],
  ],
  [
    "no verbs",
    { ...resources, verbs: [] },
    ["verbs must contain at least one value"],
    ["verbs must contain at least one value"],
  ],
  [
    "nothing",
    { verbs: ["get"] },
    ["resource rules must supply at least one api group", "resource rules must supply at least one resource"],
    ["resource rules must supply at least one api group", "resource rules must supply at least one resource"],
  ],
])("judges a rule about %s", (_what, rule, namespaced, everywhere) => {
  const object: object = { rules: [rule] };
  expect(roles.validate?.(object, context).map(({ detail }) => detail)).toEqual(namespaced);
  expect(clusterRoles.validate?.(object, context).map(({ detail }) => detail)).toEqual(everywhere);
});

it("wants to know what an aggregated role is made of", () => {
  const object: object = { aggregationRule: { clusterRoleSelectors: [] } };
  expect(clusterRoles.validate?.(object, context)).toMatchObject([
    { type: "Required", field: "aggregationRule.clusterRoleSelectors" },
  ]);
});

it("takes any name that fits in a path", () => {
  expect([roles.nameRule, clusterRoles.nameRule]).toEqual(["pathSegment", "pathSegment"]);
});
