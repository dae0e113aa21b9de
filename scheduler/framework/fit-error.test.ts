import { describe, expect, it } from "vitest";
import { fitErrorMessage, noStatuses, rejectingPlugins } from "./fit-error.ts";
import { pending, unresolvable, unschedulable } from "./status.ts";

describe("the message of a pod that fits nowhere", () => {
  const cpu = unschedulable("NodeResourcesFit", "Insufficient cpu");
  const both = unschedulable("NodeResourcesFit", "Insufficient cpu", "Too many pods");
  const taint = unresolvable("TaintToleration", "node(s) had untolerated taint(s)");
  const statuses = {
    byNode: new Map([
      ["a", cpu],
      ["b", taint],
      ["c", taint],
      ["d", both],
    ]),
    others: unresolvable("NodeAffinity", "node(s) didn't satisfy plugin(s) [NodeAffinity]"),
  };

  it("counts the reasons, sorted as text", () => {
    expect(
      fitErrorMessage({
        nodes: 4,
        statuses,
        postFilter: "preemption: 0/4 nodes are available: 4 Preemption is not helpful for scheduling.",
      }),
    ).toBe(
      "0/4 nodes are available: 1 Too many pods, 2 Insufficient cpu, 2 node(s) had untolerated taint(s). " +
        "preemption: 0/4 nodes are available: 4 Preemption is not helpful for scheduling.",
    );
  });

  it("counts nodes that were not even tried", () => {
    expect(fitErrorMessage({ nodes: 10, statuses })).toContain("6 node(s) didn't satisfy plugin(s) [NodeAffinity].");
  });

  it("tells only the reason of a PreFilter that rejected the pod", () => {
    const preFilter = unresolvable("VolumeBinding", 'persistentvolumeclaim "data" not found');
    expect(fitErrorMessage({ nodes: 3, preFilter, statuses: noStatuses })).toBe(
      '0/3 nodes are available: persistentvolumeclaim "data" not found.',
    );
  });

  it("says something of a cluster without nodes", () => {
    expect(fitErrorMessage({ nodes: 0, statuses: noStatuses })).toBe("0/0 nodes are available:");
  });

  it("names the plugins whose events the pod waits for", () => {
    const waiting = {
      byNode: new Map([
        ["a", cpu],
        ["b", pending("DynamicResources", "later")],
      ]),
      others: unresolvable(""),
    };
    expect(rejectingPlugins({ nodes: 2, statuses: waiting })).toEqual({
      unschedulable: new Set(["NodeResourcesFit"]),
      pending: new Set(["DynamicResources"]),
    });
  });
});
