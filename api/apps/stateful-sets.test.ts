import { describe, expect, it } from "vitest";
import type { StatefulSet, StatefulSetSpec } from "../generated/types/apps-v1.ts";
import { describeFieldError } from "../machinery/field-error.ts";
import { sampleWriteContext } from "../row.testing.ts";
import { statefulSets } from "./stateful-sets.ts";

const context = sampleWriteContext();

function statefulSet(spec: Partial<StatefulSetSpec> = {}): StatefulSet {
  return {
    metadata: { name: "db" },
    spec: {
      replicas: 3,
      serviceName: "db",
      podManagementPolicy: "OrderedReady",
      updateStrategy: { type: "RollingUpdate", rollingUpdate: { partition: 0 } },
      selector: { matchLabels: { app: "db" } },
      template: {
        metadata: { labels: { app: "db" } },
        spec: {
          restartPolicy: "Always",
          containers: [
            {
              name: "db",
              image: "postgres:18",
              imagePullPolicy: "IfNotPresent",
              terminationMessagePolicy: "File",
              volumeMounts: [{ name: "data", mountPath: "/data" }],
            },
          ],
        },
      },
      volumeClaimTemplates: [{ metadata: { name: "data" } }],
      ...spec,
    },
  };
}

function findings(object: StatefulSet): string[] {
  return (statefulSets.validate?.(object, context) ?? []).map((one) => `${one.field}: ${describeFieldError(one)}`);
}

it("shows ready pods as kubectl prints them", () => {
  const object = { ...statefulSet(), status: { replicas: 2, readyReplicas: 1 } };
  expect(statefulSets.table?.cells(object, { now: 0 })).toEqual(["db", "1/3", "<unknown>", "db", "postgres:18"]);
});

describe("validation of stateful sets", () => {
  it("knows that a claim template is a volume of the pods", () => {
    expect(findings(statefulSet())).toEqual([]);
    expect(findings(statefulSet({ volumeClaimTemplates: [] }))).not.toEqual([]);
  });

  it.each<[string, Partial<StatefulSetSpec>, string]>([
    [
      "an unknown order",
      { podManagementPolicy: "Random" },
      "spec.podManagementPolicy: Invalid value: \"Random\": must be 'OrderedReady' or 'Parallel'",
    ],
    [
      "an unknown strategy",
      { updateStrategy: { type: "Recreate" } },
      "spec.updateStrategy: Invalid value: {\"type\":\"Recreate\"}: must be 'RollingUpdate' or 'OnDelete'",
    ],
    [
      "parameters of a strategy that has none",
      { updateStrategy: { type: "OnDelete", rollingUpdate: { partition: 1 } } },
      "spec.updateStrategy.rollingUpdate: Invalid value: {\"partition\":1}: only allowed for updateStrategy 'RollingUpdate'",
    ],
    [
      "a negative partition",
      { updateStrategy: { type: "RollingUpdate", rollingUpdate: { partition: -1 } } },
      "spec.updateStrategy.rollingUpdate.partition: Invalid value: -1: must be greater than or equal to 0",
    ],
    [
      "an unknown fate of claims",
      { persistentVolumeClaimRetentionPolicy: { whenDeleted: "Keep", whenScaled: "Retain" } },
      'spec.persistentVolumeClaimRetentionPolicy.whenDeleted: Unsupported value: "Keep": supported values: "Delete", "Retain"',
    ],
    [
      "a negative first ordinal",
      { ordinals: { start: -1 } },
      "spec.ordinals.start: Invalid value: -1: must be greater than or equal to 0",
    ],
  ])("refuses %s", (_what, spec, finding) => {
    expect(findings(statefulSet(spec))).toEqual([finding]);
  });
});

describe("an update of a stateful set", () => {
  const refusal =
    "updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden";

  it.each<[string, Partial<StatefulSetSpec>]>([
    ["the service", { serviceName: "other" }],
    ["the selector", { selector: { matchLabels: { app: "other" } } }],
    ["the claims", { volumeClaimTemplates: [{ metadata: { name: "other" } }] }],
    ["the order", { podManagementPolicy: "Parallel" }],
  ])("may not change %s", (_what, spec) => {
    expect(statefulSets.validateUpdate?.(statefulSet(spec), statefulSet(), context)).toEqual([
      { type: "Forbidden", field: "spec", detail: refusal },
    ]);
  });

  it("may change the rest", () => {
    const changed = statefulSet({ replicas: 1, minReadySeconds: 5, revisionHistoryLimit: 2, ordinals: { start: 1 } });
    expect(statefulSets.validateUpdate?.(changed, statefulSet(), context)).toEqual([]);
  });
});
