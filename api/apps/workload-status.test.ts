import { describe, expect, it } from "vitest";
import type { KubeObject } from "../machinery/object.ts";
import type { ResourceRow } from "../resource.ts";
import { findingsOf, sampleWriteContext } from "../row.testing.ts";
import { daemonSets } from "./daemon-sets.ts";
import { deployments } from "./deployments.ts";
import { replicaSets } from "./replica-sets.ts";
import { statefulSets } from "./stateful-sets.ts";

function reporting(status: object): KubeObject {
  return { metadata: { name: "w" }, status } as KubeObject;
}

const negative = "must be greater than or equal to 0";
const tooMany = "cannot be greater than status.replicas";

it.each<[string, ResourceRow, object, object, string[]]>([
  ["a deployment", deployments, { replicas: 2, readyReplicas: 1, collisionCount: 1 }, { collisionCount: 1 }, []],
  [
    "a deployment that reports less than nothing",
    deployments,
    { unavailableReplicas: -1, terminatingReplicas: -1, observedGeneration: -1 },
    {},
    [
      `status.observedGeneration: Invalid value: -1: ${negative}`,
      `status.unavailableReplicas: Invalid value: -1: ${negative}`,
      `status.terminatingReplicas: Invalid value: -1: ${negative}`,
    ],
  ],
  [
    "a deployment that forgets collisions",
    deployments,
    {},
    { collisionCount: 2 },
    ["status.collisionCount: Invalid value: 0: cannot be decremented"],
  ],
  [
    "a replica set with more than there is",
    replicaSets,
    { replicas: 1, fullyLabeledReplicas: 2, readyReplicas: 1, availableReplicas: 2 },
    {},
    [
      `status.fullyLabeledReplicas: Invalid value: 2: ${tooMany}`,
      `status.availableReplicas: Invalid value: 2: ${tooMany}`,
      "status.availableReplicas: Invalid value: 2: cannot be greater than readyReplicas",
    ],
  ],
  [
    "a stateful set with more than there is",
    statefulSets,
    { replicas: 1, currentReplicas: 2, collisionCount: 1 },
    { collisionCount: 2 },
    [
      `status.currentReplicas: Invalid value: 2: ${tooMany}`,
      "status.collisionCount: Invalid value: 1: cannot be decremented",
    ],
  ],
  [
    "a daemon set",
    daemonSets,
    { numberReady: -1, numberUnavailable: -2 },
    {},
    [`status.numberReady: Invalid value: -1: ${negative}`, `status.numberUnavailable: Invalid value: -2: ${negative}`],
  ],
])("judges the status of %s", (_what, row, status, before, expected) => {
  expect(findingsOf(row, reporting(status), reporting(before), "status")).toEqual(expected);
});

describe("warnings about workloads", () => {
  const spec = { template: { spec: { containers: [], nodeSelector: { "beta.kubernetes.io/os": "linux" } } } };
  const old = "spec.template.spec.nodeSelector[beta.kubernetes.io/os]: deprecated since v1.14";
  const workload = (name: string, generation: number, more: object = {}): KubeObject =>
    ({ metadata: { name, generation }, spec: { ...spec, ...more } }) as KubeObject;

  it.each([deployments, replicaSets, statefulSets, daemonSets])("are about the pods of a changed $kind", (row) => {
    const warn = (object: KubeObject, before?: KubeObject): readonly string[] =>
      row.warn?.(object, before, sampleWriteContext()) ?? [];
    expect(warn(workload("w", 1))).toEqual([expect.stringContaining(old)]);
    expect(warn(workload("w", 2), workload("w", 1))).toEqual([expect.stringContaining(old)]);
    expect(warn(workload("w", 1), workload("w", 1))).toEqual([]);
  });

  it("are about a name that makes no hostname", () => {
    expect(deployments.warn?.(workload("a.b", 1), undefined, sampleWriteContext())?.[0]).toBe(
      "metadata.name: this is used in Pod names and hostnames, which can result in surprising behavior; a DNS label is recommended: [must not contain dots]",
    );
  });

  it("are about history without end, and claims for parts of bytes", () => {
    const more = {
      revisionHistoryLimit: -1,
      volumeClaimTemplates: [{ spec: { resources: { requests: { storage: "1500m" } } } }],
    };
    expect(statefulSets.warn?.(workload("w", 1, more), undefined, sampleWriteContext())?.slice(1)).toEqual([
      'spec.volumeClaimTemplates[0].Spec.resources.requests[storage]: fractional byte value "1500m" is invalid, must be an integer',
      "spec.revisionHistoryLimit: a negative value retains all historical revisions; a value >= 0 is recommended",
    ]);
  });
});
