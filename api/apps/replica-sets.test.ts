import { expect, it } from "vitest";
import { sampleWriteContext } from "../row.testing.ts";
import { replicaSets } from "./replica-sets.ts";

const replicaSet = {
  metadata: { name: "web-5d9c" },
  spec: {
    replicas: 2,
    selector: { matchLabels: { app: "web" }, matchExpressions: [{ key: "tier", operator: "In", values: ["b", "a"] }] },
    template: {
      metadata: { labels: { app: "web", tier: "a" } },
      spec: { containers: [{ name: "app", image: "nginx" }] },
    },
  },
  status: { replicas: 2, readyReplicas: 1 },
};

it("shows replica sets as kubectl prints them", () => {
  const cells = replicaSets.table?.cells(replicaSet, { now: 0 });
  expect(cells).toEqual(["web-5d9c", 2, 2, 1, "<unknown>", "app", "nginx", "app=web,tier in (a,b)"]);
});

it("keeps the selector", () => {
  const changed = { ...replicaSet, spec: { ...replicaSet.spec, selector: { matchLabels: { app: "new" } } } };
  expect(replicaSets.validateUpdate?.(changed, replicaSet, sampleWriteContext())).toMatchObject([
    { type: "Invalid", field: "spec.selector", detail: "field is immutable" },
  ]);
});
