import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Pod } from "../../../api/generated/types/core-v1.ts";
import type {
  Device,
  DeviceClass,
  DeviceRequest,
  ResourceClaim,
  ResourceSlice,
} from "../../../api/generated/types/resource-v1.ts";
import type { DeepReadonly } from "../../../api/machinery/object.ts";
import { ApiError } from "../../../api/machinery/status.ts";
import type { Plugin } from "../../framework/plugin.ts";
import { createPodInfo } from "../../framework/pod-info.ts";
import {
  cycleOf,
  judge,
  listerOf,
  listers,
  node,
  pod,
  profileOf,
  scores,
  snapshotOf,
} from "../../framework/stage.testing.ts";
import { scoreNodes } from "../../framework/score-nodes.ts";
import { defaultArgs } from "../args.ts";
import { createDynamicResources } from "./dynamic-resources.ts";
import type { DynamicResourcesEffects } from "./effects.ts";

const driver = "gpu.example.com";
const nodes = [node("a", { labels: { zone: "z1" } }), node("b", { labels: { zone: "z2" } })];
const snapshot = snapshotOf(nodes);
const gpu: DeviceClass = {
  metadata: { name: "gpu" },
  spec: { selectors: [{ cel: { expression: `device.driver == "${driver}"` } }] },
};
const no = "! cannot allocate all claims";

function slice(
  name: string,
  devices: Device[],
  spec: Partial<ResourceSlice["spec"]> = { nodeName: "a" },
): ResourceSlice {
  return {
    metadata: { name },
    spec: { driver, pool: { name, generation: 1, resourceSliceCount: 1 }, devices, ...spec },
  };
}
function device(name: string, more: Partial<Device> = {}): Device {
  return { name, ...more };
}
function claim(
  name: string,
  requests: DeviceRequest[],
  more: Partial<ResourceClaim["spec"]["devices"]> = {},
): ResourceClaim {
  return {
    metadata: { name, namespace: "default", uid: `uid-${name}`, resourceVersion: "1" },
    spec: { devices: { requests, ...more } },
  };
}
function request(more: Partial<NonNullable<DeviceRequest["exactly"]>> = {}, name = "r"): DeviceRequest {
  return { name, exactly: { deviceClassName: "gpu", ...more } };
}
function using(...claims: string[]): Pod {
  return pod("p", { spec: { resourceClaims: claims.map((name) => ({ name, resourceClaimName: name })) } });
}
const noEffects: DynamicResourcesEffects = {
  fetchClaim: () => Promise.reject(new Error("not now")),
  updateClaim: (object) => Promise.resolve(object),
  updateClaimStatus: (object) => Promise.resolve(object),
  removeReservation: () => undefined,
  now: () => 0,
  until: () => Promise.resolve(),
};
interface World {
  readonly claims?: ResourceClaim[];
  readonly slices?: ResourceSlice[];
  readonly classes?: DeviceClass[];
}
function plugin(
  { claims = [], slices = [], classes = [gpu] }: World,
  effects: DynamicResourcesEffects = noEffects,
): Plugin {
  return createDynamicResources(
    defaultArgs.DynamicResources,
    listers({ resourceClaims: listerOf(claims), resourceSlices: listerOf(slices), deviceClasses: listerOf(classes) }),
    effects,
  );
}
function cel(expression: string): Partial<NonNullable<DeviceRequest["exactly"]>> {
  return { selectors: [{ cel: { expression } }] };
}
const fine = device("d0", {
  attributes: {
    model: { string: "x1" },
    cores: { int: 8 },
    "vendor.com/fast": { bool: true },
    firmware: { version: "1.10.0" },
  },
  capacity: { memory: { value: "40Gi" } },
});

describe("which nodes have the devices", () => {
  it.each<[string, World, unknown]>([
    ["a claim that is not there", {}, '! resourceclaim.resource.k8s.io "c" not found'],
    [
      "a class that is not there",
      { claims: [claim("c", [request({ deviceClassName: "x" })])] },
      "! request r: device class x does not exist",
    ],
    [
      "one device of node a",
      { claims: [claim("c", [request()])], slices: [slice("s", [device("d")])] },
      { a: "fits", b: no },
    ],
    [
      "none of the class",
      {
        claims: [claim("c", [request()])],
        slices: [{ ...slice("s", [device("d")]), spec: { ...slice("s", [device("d")]).spec, driver: "other" } }],
      },
      { a: no, b: no },
    ],
    [
      "on all nodes",
      { claims: [claim("c", [request()])], slices: [slice("s", [device("d")], { allNodes: true })] },
      { a: "fits", b: "fits" },
    ],
    [
      "on some nodes",
      {
        claims: [claim("c", [request()])],
        slices: [
          slice("s", [device("d")], {
            nodeSelector: {
              nodeSelectorTerms: [{ matchExpressions: [{ key: "zone", operator: "In", values: ["z2"] }] }],
            },
          }),
        ],
      },
      { a: no, b: "fits" },
    ],
    [
      "by device",
      {
        claims: [claim("c", [request()])],
        slices: [slice("s", [device("d", { nodeName: "b" })], { perDeviceNodeSelection: true })],
      },
      { a: no, b: "fits" },
    ],
    [
      "two of two",
      { claims: [claim("c", [request({ count: 2 })])], slices: [slice("s", [device("d"), device("e")])] },
      { a: "fits", b: no },
    ],
    [
      "three of two",
      { claims: [claim("c", [request({ count: 3 })])], slices: [slice("s", [device("d"), device("e")])] },
      { a: no, b: no },
    ],
    [
      "two claims, one device",
      { claims: [claim("c", [request()]), claim("c2", [request()])], slices: [slice("s", [device("d")])] },
      { a: "fits", b: no },
    ],
    [
      "an older generation",
      {
        claims: [claim("c", [request()])],
        slices: [
          slice("s", [device("d")]),
          slice("s", [], { nodeName: "a", pool: { name: "s", generation: 2, resourceSliceCount: 1 } }),
        ],
      },
      { a: no, b: no },
    ],
    [
      "a pool that is being updated",
      {
        claims: [claim("c", [request()])],
        slices: [
          slice("s", [device("d")], { nodeName: "a", pool: { name: "s", generation: 1, resourceSliceCount: 2 } }),
        ],
      },
      { a: no, b: no },
    ],
    [
      "a tainted device",
      {
        claims: [claim("c", [request()])],
        slices: [slice("s", [device("d", { taints: [{ key: "k", effect: "NoSchedule" }] })])],
      },
      { a: no, b: no },
    ],
    [
      "a tolerated taint",
      {
        claims: [claim("c", [request({ tolerations: [{ key: "k", operator: "Exists" }] })])],
        slices: [slice("s", [device("d", { taints: [{ key: "k", effect: "NoSchedule" }] })])],
      },
      { a: "fits", b: no },
    ],
  ])("%s", (_, world, expected) => {
    expect(judge(plugin(world), using("c"), snapshot)).toEqual(expected);
  });

  it.each([
    [`device.attributes["${driver}"].model == "x1"`, "fits"],
    [`device.attributes["${driver}"].cores > 8`, no],
    [`device.attributes["${driver}"].cores >= 8 && device.attributes["vendor.com"].fast`, "fits"],
    [`device.attributes["${driver}"].firmware.isGreaterThan(semver("1.9.0"))`, "fits"],
    [`device.capacity["${driver}"].memory.compareTo(quantity("32Gi")) >= 0`, "fits"],
    [`device.capacity["${driver}"].memory.isLessThan(quantity("32Gi"))`, no],
    [`"model" in device.attributes["unknown.com"]`, no],
    [`device.attributes["unknown.com"].?model.orValue("x1") == "x1"`, "fits"],
    [`device.allowMultipleAllocations`, no],
  ])("selects devices by %s", (expression, expected) => {
    const world = { claims: [claim("c", [request(cel(expression))])], slices: [slice("s", [fine])] };
    expect(judge(plugin(world), using("c"), snapshot)).toMatchObject({ a: expected });
  });

  it("tells a selector that fails", () => {
    const world = {
      claims: [claim("c", [request(cel(`device.attributes["${driver}"].nothing == 1`))])],
      slices: [slice("s", [fine])],
    };
    expect(() => judge(plugin(world), using("c"), snapshot)).toThrow(
      /claim default\/c: selector #0: no such key: nothing/,
    );
  });
});

describe("devices that go together", () => {
  const numa = (name: string, value: number): Device => device(name, { attributes: { numa: { int: value } } });

  it("have the same value of an attribute", () => {
    const matching = claim("c", [request({}, "one"), request({}, "two")], {
      constraints: [{ matchAttribute: `${driver}/numa` }],
    });
    const judged = (devices: Device[]): unknown =>
      judge(plugin({ claims: [matching], slices: [slice("s", devices)] }), using("c"), snapshot);
    expect(judged([numa("d", 0), numa("e", 1)])).toMatchObject({ a: no });
    expect(judged([numa("d", 0), numa("e", 1), numa("f", 1)])).toMatchObject({ a: "fits" });
    expect(judged([numa("d", 0), device("e")])).toMatchObject({ a: no });
  });

  it("or each another one", () => {
    const distinct = claim("c", [request({ count: 2 })], { constraints: [{ distinctAttribute: `${driver}/numa` }] });
    const judged = (devices: Device[]): unknown =>
      judge(plugin({ claims: [distinct], slices: [slice("s", devices)] }), using("c"), snapshot);
    expect(judged([numa("d", 0), numa("e", 0)])).toMatchObject({ a: no });
    expect(judged([numa("d", 0), numa("e", 0), numa("f", 1)])).toMatchObject({ a: "fits" });
  });

  it("share counters of one piece of hardware", () => {
    const part = (name: string, value: string): Device =>
      device(name, { consumesCounters: [{ counterSet: "card", counters: { memory: { value } } }] });
    const shared = { nodeName: "a", sharedCounters: [{ name: "card", counters: { memory: { value: "40Gi" } } }] };
    const judged = (count: number): unknown =>
      judge(
        plugin({
          claims: [claim("c", [request({ count })])],
          slices: [slice("s", [part("d", "20Gi"), part("e", "20Gi"), part("f", "20Gi")], shared)],
        }),
        using("c"),
        snapshot,
      );
    expect(judged(2)).toMatchObject({ a: "fits" });
    expect(judged(3)).toMatchObject({ a: no });
  });

  it("are all that match, where all are asked for", () => {
    const all = (more = {}): ResourceClaim => claim("c", [request({ allocationMode: "All", ...more })]);
    const slices = [slice("s", [device("d"), device("e")])];
    expect(judge(plugin({ claims: [all()], slices }), using("c"), snapshot)).toEqual({ a: "fits", b: no });
    const taken = {
      ...claim("other", []),
      status: { allocation: { devices: { results: [{ request: "r", driver, pool: "s", device: "e" }] } } },
    };
    expect(judge(plugin({ claims: [all(), taken], slices }), using("c"), snapshot)).toEqual({ a: no, b: no });
    expect(judge(plugin({ claims: [all({ adminAccess: true }), taken], slices }), using("c"), snapshot)).toEqual({
      a: "fits",
      b: no,
    });
  });
});

describe("what is written", () => {
  const world = (): World => ({
    claims: [claim("c", [request({ count: 2 })], { config: [{ opaque: { driver, parameters: { a: 1 } } }] })],
    classes: [{ ...gpu, spec: { ...gpu.spec, config: [{ opaque: { driver, parameters: { b: 2 } } }] } }],
    slices: [slice("s", [device("d"), device("e"), device("f")])],
  });

  it("the finalizer, then allocation and reservation together", async () => {
    const written: DeepReadonly<ResourceClaim>[] = [];
    const store = (object: DeepReadonly<ResourceClaim>): Promise<DeepReadonly<ResourceClaim>> => {
      written.push(object);
      return Promise.resolve({
        ...object,
        metadata: { ...object.metadata, resourceVersion: String(written.length + 1) },
      });
    };
    const dra = plugin(world(), { ...noEffects, updateClaim: store, updateClaimStatus: store });
    const cycle = cycleOf([dra], using("c"), snapshot);
    for (const info of snapshot.nodes) cycle.filters[0]?.filter.filter(info);
    const filter = cycle.prepared.get("DynamicResources");
    expect(filter?.needsPreBind?.("a")).toBe(true);
    filter?.reserve?.("a");
    expect(judge(dra, using("c"), snapshot)).toBe("! resource claim default/c is in the process of being allocated");
    await filter?.preBind?.("a", new AbortController().signal);
    expect(written.map(({ metadata }) => metadata?.finalizers)).toEqual([
      ["resource.kubernetes.io/delete-protection"],
      ["resource.kubernetes.io/delete-protection"],
    ]);
    expect(written[1]?.status).toEqual({
      allocation: {
        allocationTimestamp: "1970-01-01T00:00:00Z",
        devices: {
          results: [
            { request: "r", driver, pool: "s", device: "d" },
            { request: "r", driver, pool: "s", device: "e" },
          ],
          config: [
            { source: "FromClass", requests: ["r"], opaque: { driver, parameters: { b: 2 } } },
            { source: "FromClaim", opaque: { driver, parameters: { a: 1 } } },
          ],
        },
        nodeSelector: {
          nodeSelectorTerms: [{ matchFields: [{ key: "metadata.name", operator: "In", values: ["a"] }] }],
        },
      },
      reservedFor: [{ resource: "pods", name: "p", uid: "uid-default-p" }],
    });
    // What was written counts, although no informer has told it yet.
    expect(judge(dra, using("c"), snapshot)).toEqual({ a: "fits", b: "! resourceclaim not available on the node" });
  });

  it("nothing twice: devices in use are for nobody else, until they are given back", () => {
    const claims = [claim("one", [request()]), claim("two", [request()])];
    const dra = plugin({ claims, slices: [slice("s", [device("d")])] });
    const cycle = cycleOf([dra], using("one"), snapshot);
    for (const info of snapshot.nodes) cycle.filters[0]?.filter.filter(info);
    cycle.prepared.get("DynamicResources")?.reserve?.("a");
    expect(judge(dra, using("two"), snapshot)).toEqual({ a: no, b: no });
    cycle.prepared.get("DynamicResources")?.unreserve?.("a");
    expect(judge(dra, using("two"), snapshot)).toEqual({ a: "fits", b: no });
  });

  it("again with the newest claim after a conflict", async () => {
    let attempts = 0;
    const effects: DynamicResourcesEffects = {
      ...noEffects,
      fetchClaim: () =>
        Promise.resolve({
          ...claim("c", [request({ count: 2 })]),
          metadata: { name: "c", namespace: "default", uid: "uid-c", resourceVersion: "7" },
        }),
      updateClaimStatus: (object) => {
        attempts++;
        return object.metadata?.resourceVersion === "7"
          ? Promise.resolve(object)
          : Promise.reject(new ApiError("Conflict", "no"));
      },
    };
    const cycle = cycleOf([plugin(world(), effects)], using("c"), snapshot);
    for (const info of snapshot.nodes) cycle.filters[0]?.filter.filter(info);
    const filter = cycle.prepared.get("DynamicResources");
    filter?.reserve?.("a");
    await filter?.preBind?.("a", new AbortController().signal);
    expect(attempts).toBe(2);
  });
});

describe("claims that are allocated", () => {
  const allocated = (more: Partial<ResourceClaim["status"]> = {}): ResourceClaim => ({
    ...claim("c", [request()]),
    status: {
      allocation: {
        devices: { results: [{ request: "r", driver, pool: "s", device: "d" }] },
        nodeSelector: {
          nodeSelectorTerms: [{ matchFields: [{ key: "metadata.name", operator: "In", values: ["a"] }] }],
        },
      },
      ...more,
    },
  });

  it("tie the pod to where their devices are", () => {
    expect(judge(plugin({ claims: [allocated()] }), using("c"), snapshot)).toEqual({
      a: "fits",
      b: "! resourceclaim not available on the node",
    });
  });

  it("are set free where nobody uses them and the pod cannot go there", async () => {
    const freed: unknown[] = [];
    const effects: DynamicResourcesEffects = {
      ...noEffects,
      updateClaimStatus: (object) => {
        freed.push(object.status);
        return Promise.resolve(object);
      },
    };
    const postFilter = async (world: World, wanted: Pod): Promise<unknown> => {
      const dra = plugin(world, effects);
      const cycle = cycleOf([dra], wanted, snapshot);
      for (const info of snapshot.nodes) for (const { filter } of cycle.filters) filter.filter(info);
      const result = await dra.postFilter?.(cycle, {
        byNode: new Map(),
        others: { code: "Unschedulable", plugin: "", reasons: [] },
      });
      return result?.rejected?.reasons[0];
    };
    expect(await postFilter({ claims: [allocated()] }, using("c"))).toBe("deallocation of ResourceClaim completed");
    expect(freed).toEqual([{}]);
    const inUse = allocated({ reservedFor: [{ resource: "pods", name: "x", uid: "x" }] });
    expect(await postFilter({ claims: [inUse] }, using("c"))).toBe("still not schedulable");
    expect(await postFilter({}, pod("p"))).toBe("no new claims to deallocate");
  });

  it("wait for devices that are attached only now", async () => {
    let waited = 0;
    const binding = device("d", {
      bindingConditions: ["Attached"],
      bindingFailureConditions: ["Failed"],
      bindsToNode: true,
    });
    const effects: DynamicResourcesEffects = { ...noEffects, until: () => Promise.resolve(void waited++) };
    const dra = plugin(
      { claims: [claim("c", [request()])], slices: [slice("s", [binding], { allNodes: true })] },
      effects,
    );
    const cycle = cycleOf([dra], using("c"), snapshot);
    for (const info of snapshot.nodes) cycle.filters[0]?.filter.filter(info);
    cycle.prepared.get("DynamicResources")?.reserve?.("b");
    await cycle.prepared.get("DynamicResources")?.preBind?.("b", new AbortController().signal);
    expect(waited).toBe(1);
  });
});

it("holds a pod back until its claim has been made of the template", () => {
  const templated = pod("p", { spec: { resourceClaims: [{ name: "c", resourceClaimTemplateName: "t" }] } });
  expect(plugin({}).preEnqueue?.(createPodInfo(templated))).toMatchObject({
    reasons: ['pod "default/p": ResourceClaim not created yet'],
  });
  const none = pod("p", {
    spec: { resourceClaims: [{ name: "c", resourceClaimTemplateName: "t" }] },
    status: { resourceClaimStatuses: [{ name: "c" }] },
  });
  expect(plugin({}).preEnqueue?.(createPodInfo(none))).toBeUndefined();
});

it("prefers nodes where an earlier alternative can be had", () => {
  const alternatives: DeviceRequest = {
    name: "r",
    firstAvailable: [
      {
        name: "large",
        deviceClassName: "gpu",
        selectors: [{ cel: { expression: `device.attributes["${driver}"].size > 1` } }],
      },
      { name: "small", deviceClassName: "gpu" },
    ],
  };
  const sized = (size: number): Device => device("d", { attributes: { size: { int: size } } });
  const dra = plugin({
    claims: [claim("c", [alternatives])],
    slices: [slice("s", [sized(1)]), slice("t", [sized(2)], { nodeName: "b" })],
  });
  const cycle = cycleOf([dra], using("c"), snapshot);
  for (const info of snapshot.nodes) expect(cycle.filters[0]?.filter.filter(info)).toBeUndefined();
  expect(scoreNodes(profileOf([dra]), cycle, snapshot.nodes)).toEqual([87, 100]);
  expect(scores(dra, pod("p"), snapshot)).toBe("skip");
});

it("gives up a search without end", () => {
  const devices = Array.from({ length: 60 }, (_, index) => device(`d${index}`, { attributes: { n: { int: index } } }));
  const impossible = claim("c", [request({ count: 25 })], {
    constraints: [{ distinctAttribute: `${driver}/n` }, { matchAttribute: `${driver}/n`, requests: ["other"] }],
  });
  const two = {
    ...impossible,
    spec: {
      devices: { ...impossible.spec.devices, requests: [request({ count: 25 }), request(cel("false"), "other")] },
    },
  };
  expect(judge(plugin({ claims: [two], slices: [slice("s", devices)] }), using("c"), snapshot)).toMatchObject({
    a: "! timed out trying to allocate devices",
  });
});

it("never gives a device to two claims, and fits wherever there are enough", () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 1, max: 3 }), { maxLength: 8 }),
      fc.integer({ min: 0, max: 8 }),
      (counts, size) => {
        const claims = counts.map((count, index) => claim(`c${index}`, [request({ count })]));
        const devices = Array.from({ length: size }, (_, index) => device(`d${index}`));
        const dra = plugin({ claims, slices: [slice("s", devices)] });
        const given: string[] = [];
        for (const [index, count] of counts.entries()) {
          const cycle = cycleOf([dra], using(`c${index}`), snapshot);
          const [a] = snapshot.nodes;
          const rejected = a === undefined ? undefined : cycle.filters[0]?.filter.filter(a);
          expect(rejected === undefined).toBe(given.length + count <= size);
          if (rejected !== undefined) continue;
          cycle.prepared.get("DynamicResources")?.reserve?.("a");
          for (let more = 0; more < count; more++) given.push("x");
        }
        expect(given.length).toBeLessThanOrEqual(size);
      },
    ),
    { numRuns: 50 },
  );
});
