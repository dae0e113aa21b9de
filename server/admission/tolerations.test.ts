import { describe, expect, it } from "vitest";
import type { Toleration } from "../../api/generated/types/core-v1.ts";
import { defaultTolerationSeconds } from "./default-toleration-seconds.ts";
import { extendedResourceToleration } from "./extended-resource-toleration.ts";
import { admissionRequest, holding, mutate, refusal } from "./objects.testing.ts";
import type { AdmissionPlugin } from "./plugin.ts";
import { podTolerationRestriction, type TolerationConfig } from "./pod-toleration-restriction.ts";
import { taintNodesByCondition } from "./taint-nodes-by-condition.ts";
import { covers, mergeTolerations } from "./tolerations.ts";

const any: Toleration = { operator: "Exists" };
const dedicated: Toleration = { key: "dedicated", operator: "Exists", effect: "NoSchedule" };
const team: Toleration = { key: "dedicated", operator: "Equal", value: "team", effect: "NoSchedule" };

async function tolerations(plugin: AdmissionPlugin, given: readonly Toleration[], spec: object = {}): Promise<unknown> {
  const object = { metadata: { name: "p" }, spec: { containers: [], tolerations: given, ...spec } };
  const request = admissionRequest("pods", { object });
  await mutate(plugin, request);
  return (request.object as { spec?: { tolerations?: unknown } }).spec?.tolerations;
}

describe("covers", () => {
  it.each<readonly [Toleration, Toleration, boolean]>([
    [any, team, true],
    [dedicated, team, true],
    [team, dedicated, false],
    [team, { ...team, value: "other" }, false],
    [{ ...dedicated, effect: "NoExecute" }, team, false],
    [
      { key: "k", operator: "Exists", effect: "NoExecute", tolerationSeconds: 10 },
      { key: "k", operator: "Exists", effect: "NoExecute" },
      false,
    ],
    [
      { key: "k", operator: "Exists", effect: "NoExecute", tolerationSeconds: 10 },
      { key: "k", operator: "Exists", effect: "NoExecute", tolerationSeconds: 5 },
      true,
    ],
  ])("%j of %j: %j", (wide, narrow, expected) => {
    expect(covers(wide, narrow)).toBe(expected);
  });

  it("leaves what is not covered", () => {
    expect(mergeTolerations([team, dedicated], [dedicated, { key: "x", operator: "Exists" }])).toEqual([
      dedicated,
      { key: "x", operator: "Exists" },
    ]);
  });
});

describe("DefaultTolerationSeconds", () => {
  const notReady = { key: "node.kubernetes.io/not-ready", operator: "Exists", effect: "NoExecute" };
  const unreachable = { key: "node.kubernetes.io/unreachable", operator: "Exists", effect: "NoExecute" };

  it("adds the two that a pod lacks", async () => {
    expect(await tolerations(defaultTolerationSeconds(), [])).toEqual([
      { ...notReady, tolerationSeconds: 300 },
      { ...unreachable, tolerationSeconds: 300 },
    ]);
    const own = { ...notReady, tolerationSeconds: 5 };
    expect(await tolerations(defaultTolerationSeconds({ notReady: 1, unreachable: 2 }), [own])).toEqual([
      own,
      { ...unreachable, tolerationSeconds: 2 },
    ]);
    expect(await tolerations(defaultTolerationSeconds(), [any])).toEqual([any]);
  });
});

describe("ExtendedResourceToleration", () => {
  it("tolerates the taints of the devices that are asked for", async () => {
    const asking = (name: string): object => ({ name, resources: { requests: { cpu: "1", [`x.io/${name}`]: "1" } } });
    const spec = { containers: [asking("gpu")], initContainers: [asking("fpga")] };
    expect(await tolerations(extendedResourceToleration(), [], spec)).toEqual([
      { key: "x.io/fpga", operator: "Exists", effect: "NoSchedule" },
      { key: "x.io/gpu", operator: "Exists", effect: "NoSchedule" },
    ]);
    expect(await tolerations(extendedResourceToleration(), [])).toEqual([]);
  });
});

describe("PodTolerationRestriction", () => {
  const restriction = (annotations: Record<string, string>, config: TolerationConfig = {}): AdmissionPlugin =>
    podTolerationRestriction({
      reader: holding({ namespaces: [{ metadata: { name: "ns", annotations } }] }),
      config,
    });
  const pod = (given: readonly Toleration[]): object => ({
    metadata: { name: "p" },
    spec: { containers: [], tolerations: given },
  });
  const conflict =
    "pod tolerations (possibly merged with namespace default tolerations) conflict with its namespace allowlist";

  it("adds the namespace's tolerations, or else the cluster's", async () => {
    const own = { "scheduler.alpha.kubernetes.io/defaultTolerations": JSON.stringify([team]) };
    expect(await tolerations(restriction(own, { default: [any] }), [])).toEqual([team]);
    expect(await tolerations(restriction({}, { default: [dedicated] }), [team])).toEqual([dedicated]);
    const blank = { "scheduler.alpha.kubernetes.io/defaultTolerations": "" };
    expect(await tolerations(restriction(blank, { default: [dedicated] }), [team])).toEqual([team]);
  });

  it("lets pods with requests stay under memory pressure", async () => {
    const containers = [{ name: "c", resources: { requests: { cpu: "1" } } }];
    expect(await tolerations(restriction({}), [], { containers })).toEqual([
      { key: "node.kubernetes.io/memory-pressure", operator: "Exists", effect: "NoSchedule" },
    ]);
  });

  it("refuses what is not on the list", async () => {
    const listed = { "scheduler.alpha.kubernetes.io/tolerationsWhitelist": JSON.stringify([dedicated]) };
    const ask = (plugin: AdmissionPlugin, given: readonly Toleration[]): Promise<string | undefined> =>
      refusal(plugin, admissionRequest("pods", { object: pod(given) }));
    expect(await ask(restriction(listed), [team])).toBeUndefined();
    expect(await ask(restriction(listed), [any])).toBe(conflict);
    expect(await ask(restriction({}, { whitelist: [team] }), [dedicated])).toBe(conflict);
    const broken = { "scheduler.alpha.kubernetes.io/tolerationsWhitelist": "{" };
    expect(await ask(restriction(broken), [any])).toContain("scheduler.alpha.kubernetes.io/tolerationsWhitelist");
  });
});

describe("TaintNodesByCondition", () => {
  it("taints new nodes", async () => {
    const taint = { key: "node.kubernetes.io/not-ready", effect: "NoSchedule" };
    const request = admissionRequest("nodes", { object: { metadata: { name: "n" } } });
    expect(await mutate(taintNodesByCondition(), request)).toBe("changed");
    expect(request.object).toMatchObject({ spec: { taints: [taint] } });
    expect(await mutate(taintNodesByCondition(), request)).toBe("unchanged");
  });
});
