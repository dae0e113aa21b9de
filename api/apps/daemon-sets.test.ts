import { describe, expect, it } from "vitest";
import type { DaemonSet, DaemonSetUpdateStrategy } from "../generated/types/apps-v1.ts";
import { sampleWriteContext } from "../row.testing.ts";
import { daemonSets } from "./daemon-sets.ts";

const context = sampleWriteContext();
const annotation = "deprecated.daemonset.template.generation";

function daemonSet(updateStrategy: DaemonSetUpdateStrategy = { type: "OnDelete" }, image = "agent:1"): DaemonSet {
  return {
    metadata: { name: "agent" },
    spec: {
      selector: { matchLabels: { app: "agent" } },
      updateStrategy,
      template: {
        metadata: { labels: { app: "agent" } },
        spec: { nodeSelector: { disk: "ssd" }, restartPolicy: "Always", containers: [{ name: "agent", image }] },
      },
    },
  };
}

it("shows nodes as kubectl prints them", () => {
  const status = {
    desiredNumberScheduled: 5,
    currentNumberScheduled: 4,
    numberReady: 3,
    updatedNumberScheduled: 2,
    numberAvailable: 1,
    numberMisscheduled: 0,
  };
  const object = { ...daemonSet(), status };
  const cells = daemonSets.table?.cells(object, { now: 0 });
  expect(cells).toEqual(["agent", 5, 4, 3, 2, 1, "disk=ssd", "<unknown>", "agent", "agent:1", "app=agent"]);
});

describe("the template's generation", () => {
  it("starts at 1", () => {
    const set = daemonSet();
    daemonSets.prepareForCreate?.(set, context);
    expect(set.metadata?.annotations).toEqual({ [annotation]: "1" });
  });

  it("moves with the template only, whatever the writer says", () => {
    const old = daemonSet();
    old.metadata = { ...old.metadata, annotations: { [annotation]: "7" } };
    const scaled = {
      ...daemonSet({ type: "RollingUpdate" }),
      metadata: { annotations: { [annotation]: "99", a: "b" } },
    };
    daemonSets.prepareForUpdate?.(scaled, old, context);
    expect(scaled.metadata.annotations).toEqual({ [annotation]: "7", a: "b" });
    const rolled = daemonSet(undefined, "agent:2");
    daemonSets.prepareForUpdate?.(rolled, old, context);
    expect(rolled.metadata?.annotations).toEqual({ [annotation]: "8" });
  });
});

describe("validation of daemon sets", () => {
  it.each<[string, DaemonSetUpdateStrategy, string[]]>([
    ["an update in place", { type: "RollingUpdate", rollingUpdate: { maxUnavailable: 1, maxSurge: 0 } }, []],
    ["an update by surge", { type: "RollingUpdate", rollingUpdate: { maxUnavailable: 0, maxSurge: "10%" } }, []],
    [
      "both at once",
      { type: "RollingUpdate", rollingUpdate: { maxUnavailable: 1, maxSurge: 1 } },
      ["may not be set when maxUnavailable is non-zero"],
    ],
    [
      "neither",
      { type: "RollingUpdate", rollingUpdate: { maxUnavailable: "0%", maxSurge: 0 } },
      ["cannot be 0 when maxSurge is 0"],
    ],
    ["an unknown type", { type: "Never" }, ['supported values: "OnDelete", "RollingUpdate"']],
  ])("judges %s", (_what, strategy, details) => {
    const findings = daemonSets.validate?.(daemonSet(strategy), context) ?? [];
    expect(findings.filter(({ field }) => field.startsWith("spec.updateStrategy")).map(({ detail }) => detail)).toEqual(
      details,
    );
  });

  it("keeps the selector", () => {
    const changed = daemonSet();
    if (changed.spec) changed.spec.selector = { matchLabels: { app: "other" } };
    expect(daemonSets.validateUpdate?.(changed, daemonSet(), context)?.map(({ field }) => field)).toEqual([
      "spec.selector",
    ]);
  });
});
