import { describe, expect, it } from "vitest";
import type { PodSpec } from "../../api/generated/types/core-v1.ts";
import { admissionRequest, holding, mutate, refusal } from "./objects.testing.ts";
import { priority } from "./priority.ts";

const high = { metadata: { name: "high" }, value: 1000, preemptionPolicy: "Never" };
const usual = { metadata: { name: "usual" }, value: 10, globalDefault: true };

function podOf(spec: Partial<PodSpec>): object {
  return { metadata: { name: "p" }, spec: { containers: [], ...spec } };
}

async function resolved(spec: Partial<PodSpec>, ...classes: object[]): Promise<unknown> {
  const plugin = priority({ reader: holding({ "priorityclasses.scheduling.k8s.io": classes }) });
  const request = admissionRequest("pods", { object: podOf(spec) });
  const why = await refusal(plugin, request);
  return why ?? request.object;
}

describe("Priority", () => {
  it.each<readonly [string, Partial<PodSpec>, readonly object[], Partial<PodSpec>]>([
    ["the class's value", { priorityClassName: "high" }, [high], { priority: 1000, preemptionPolicy: "Never" }],
    ["the default class", {}, [high, usual], { priorityClassName: "usual", priority: 10 }],
    ["zero without one", {}, [high], { priority: 0, preemptionPolicy: "PreemptLowerPriority" }],
    ["the value that is given already", { priorityClassName: "high", priority: 1000 }, [high], { priority: 1000 }],
  ])("gives a pod %s", async (_, spec, classes, expected) => {
    expect(await resolved(spec, ...classes)).toMatchObject({ spec: expected });
  });

  it.each<readonly [Partial<PodSpec>, string]>([
    [{ priorityClassName: "none" }, "no PriorityClass with name none was found"],
    [
      { priorityClassName: "high", priority: 5 },
      "the integer value of priority (5) must not be provided in pod spec; priority admission controller computed 1000 from the given PriorityClass name",
    ],
    [
      { priorityClassName: "high", preemptionPolicy: "PreemptLowerPriority" },
      "the string value of PreemptionPolicy (PreemptLowerPriority) must not be provided in pod spec; priority admission controller computed Never from the given PriorityClass name",
    ],
  ])("refuses %j", async (spec, why) => {
    expect(await resolved(spec, high)).toBe(`pods "p" is forbidden: ${why}`);
  });

  it("keeps what an update leaves out", async () => {
    const plugin = priority({ reader: holding() });
    const old = podOf({ priority: 7, preemptionPolicy: "Never" });
    const request = admissionRequest("pods", { object: podOf({}), old });
    expect(await mutate(plugin, request)).toBe("changed");
    expect(request.object).toMatchObject({ spec: { priority: 7, preemptionPolicy: "Never" } });
  });

  it("takes one default class only", async () => {
    const plugin = priority({ reader: holding({ "priorityclasses.scheduling.k8s.io": [usual] }) });
    const resource = "priorityclasses.scheduling.k8s.io";
    const second = { ...usual, metadata: { name: "second" } };
    const why =
      'priorityclasses.scheduling.k8s.io "second" is forbidden: PriorityClass usual is already marked as default. Only one default can exist';
    expect(await refusal(plugin, admissionRequest(resource, { object: second }))).toBe(why);
    expect(await refusal(plugin, admissionRequest(resource, { object: second, old: high }))).toBe(why);
    expect(await refusal(plugin, admissionRequest(resource, { object: usual, old: usual }))).toBeUndefined();
    expect(await refusal(plugin, admissionRequest(resource, { object: high }))).toBeUndefined();
  });
});
