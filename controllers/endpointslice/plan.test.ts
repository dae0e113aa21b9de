import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Pod, Service } from "../../api/generated/types/core-v1.ts";
import type { Endpoint } from "../../api/generated/types/discovery-v1.ts";
import type { DeepReadonly } from "../../api/machinery/object.ts";
import { webService } from "../endpoints/serving.testing.ts";
import { withOwnPlace, withoutHints } from "./hints.ts";
import { pack } from "./pack.ts";
import { planSlices, podsWithoutNode, type SliceChanges } from "./plan.ts";
import type { Slice } from "./service-slice.ts";

const node = { metadata: { name: "n1", labels: { "topology.kubernetes.io/zone": "a" } } };
const nodeOf = (name: string): typeof node | undefined => (name === "n1" ? node : undefined);

function service(more: Partial<Service["spec"]> = {}): Service {
  const base = webService("web", more);
  return { ...base, metadata: { ...base.metadata, uid: "u1" } };
}

function pod(name: string, { ips, ready = true, port = 8080 }: { ips: string[]; ready?: boolean; port?: number }): Pod {
  return {
    metadata: { namespace: "default", name, uid: name, labels: { app: "web" } },
    spec: {
      nodeName: "n1",
      containers: [{ name: "c", image: "i", ports: [{ name: "http", containerPort: port, protocol: "TCP" }] }],
    },
    status: {
      phase: "Running",
      podIPs: ips.map((ip) => ({ ip })),
      conditions: [{ type: "Ready", status: ready ? "True" : "False" }],
    },
  };
}

let made = 0;
/** The slices as the server would have them after the writes. */
function apply(changes: SliceChanges): Slice[] {
  const created = changes.create.map((slice) => {
    made += 1;
    return { ...slice, metadata: { ...slice.metadata, name: `web-${made}` } };
  });
  return [...changes.unchanged, ...changes.update, ...created];
}

describe("planning the slices of a service", () => {
  it("makes a set of slices for each family, and a slice for each set of ports", () => {
    const pods = [
      pod("one", { ips: ["10.0.0.1", "fd00:0::1"] }),
      pod("two", { ips: ["10.0.0.2", "fd00::2"], port: 9090 }),
      pod("three", { ips: ["010.0.0.3"] }),
    ];
    const named = service({ ports: [{ port: 80, targetPort: "http", protocol: "TCP" }] });
    const shown = (["IPv4", "IPv6"] as const).flatMap((family) =>
      planSlices({ service: named, pods, nodeOf, family, existing: [] }).create.map(({ ports, endpoints }) => [
        ports?.[0]?.port,
        endpoints?.flatMap(({ addresses }) => addresses),
      ]),
    );
    expect(shown).toEqual([
      [8080, ["10.0.0.1", "10.0.0.3"]],
      [9090, ["10.0.0.2"]],
      [8080, ["fd00::1"]],
      [9090, ["fd00::2"]],
    ]);
  });

  it("replaces the slice of another service that had the name", () => {
    const pods = [pod("one", { ips: ["10.0.0.1"] })];
    const observed = { pods, nodeOf, family: "IPv4" } as const;
    const old = { ...service(), metadata: { ...service().metadata, uid: "u0" } };
    const existing = apply(planSlices({ ...observed, service: old, existing: [] }));
    const { create, update, delete: gone } = planSlices({ ...observed, service: service(), existing });
    expect([create.length, update.length, gone]).toEqual([1, 0, existing]);
  });

  it("tells of pods on nodes that are unknown, unless all are to be published", () => {
    const lost = { ...pod("one", { ips: ["10.0.0.1"] }), spec: { containers: [], nodeName: "gone" } };
    expect(podsWithoutNode({ service: service(), pods: [lost], nodeOf })).toEqual([{ pod: "one", node: "gone" }]);
    const all = service({ publishNotReadyAddresses: true });
    expect(podsWithoutNode({ service: all, pods: [lost], nodeOf })).toEqual([]);
    const { create } = planSlices({ service: all, pods: [lost], nodeOf, family: "IPv4", existing: [] });
    expect(create[0]?.endpoints).toHaveLength(1);
  });

  it("has every pod once after any history, in slices of at most a hundred, and writes nothing twice", () => {
    const state = fc.uniqueArray(
      fc.record({ id: fc.integer({ min: 1, max: 300 }), ready: fc.boolean(), port: fc.constantFrom(80, 81) }),
      { selector: ({ id }) => id, maxLength: 300 },
    );
    const named = service({ ports: [{ port: 80, targetPort: "http", protocol: "TCP" }] });
    const check = (states: { id: number; ready: boolean; port: number }[][]): void => {
      let existing: Slice[] = [];
      for (const one of states) {
        const pods = one.map(({ id, ...how }) => pod(`p${id}`, { ips: [`10.0.${id >> 8}.${id & 255}`], ...how }));
        const observed = { service: named, pods, nodeOf, family: "IPv4", existing } as const;
        const changes = withOwnPlace(planSlices(observed), "zone");
        existing = apply(changes);
        expect(endpointsOf(existing)).toEqual(pods.map(shownPod).toSorted());
        expect(existing.every(({ endpoints }) => (endpoints ?? []).length <= 100)).toBe(true);
        expect(existing.length).toBeGreaterThan(0);
        const again = withOwnPlace(planSlices({ ...observed, existing }), "zone");
        expect([again.create, again.update, again.delete]).toEqual([[], [], []]);
      }
    };
    fc.assert(fc.property(fc.array(state, { maxLength: 5 }), check), { numRuns: 30 });
  });

  it("takes hints away without touching what has none", () => {
    const slice = (hints?: Endpoint["hints"]): Slice => ({
      addressType: "IPv4",
      endpoints: [{ addresses: ["10.0.0.1"], ...(hints === undefined ? {} : { hints }) }],
    });
    const [plain, hinted] = [slice(), slice({ forZones: [{ name: "a" }] })];
    const changes = withoutHints({ create: [], update: [], delete: [], unchanged: [plain, hinted] });
    expect(changes).toEqual({ create: [], update: [plain], delete: [], unchanged: [plain] });
  });
});

function endpointsOf(slices: readonly Slice[]): string[] {
  return slices
    .flatMap(({ endpoints, ports }) =>
      (endpoints ?? []).map(
        ({ targetRef, conditions }) => `${targetRef?.name ?? ""} ${String(conditions?.ready)} ${ports?.[0]?.port ?? 0}`,
      ),
    )
    .toSorted();
}

function shownPod({ metadata, status, spec }: Pod): string {
  const isReady = status?.conditions?.[0]?.status === "True";
  return `${metadata?.name ?? ""} ${isReady} ${spec?.containers[0]?.ports?.[0]?.containerPort ?? 0}`;
}

describe("packing endpoints", () => {
  const endpoint = (name: string, ready = true): DeepReadonly<Endpoint> => ({
    addresses: [name],
    conditions: { ready },
  });
  const slice = (...names: string[]): { endpoints: DeepReadonly<Endpoint>[] } => ({
    endpoints: names.map((name) => endpoint(name)),
  });
  const packed = (existing: ReturnType<typeof slice>[], wanted: DeepReadonly<Endpoint>[]): unknown => {
    const { update, create, delete: gone, unchanged } = pack(existing, wanted, { max: 3, isStale: () => false });
    const texts = (endpoints: readonly DeepReadonly<Endpoint>[]): string =>
      endpoints.flatMap(({ addresses }) => addresses).join("");
    return {
      update: update.map(({ endpoints }) => texts(endpoints)),
      create: create.map(texts),
      gone: gone.map(({ endpoints }) => texts(endpoints)),
      unchanged: unchanged.map(({ endpoints }) => texts(endpoints)),
    };
  };
  const all = (names: string): DeepReadonly<Endpoint>[] => names.split("").map((name) => endpoint(name));

  it.each([
    ["makes new slices", [], all("abcd"), { update: [], create: ["abc", "d"], gone: [], unchanged: [] }],
    ["leaves alone what is right", [slice("a")], all("a"), { update: [], create: [], gone: [], unchanged: ["a"] }],
    [
      "fills slices that are written anyway, the fullest first",
      [slice("a"), slice("b", "x"), slice("c", "d", "y")],
      all("abcdefg"),
      { update: ["cde", "bfg"], create: [], gone: [], unchanged: ["a"] },
    ],
    [
      "fills the one slice that has just the room",
      [slice("a"), slice("b", "c")],
      all("abcd"),
      { update: ["bcd"], create: [], gone: [], unchanged: ["a"] },
    ],
    [
      "does not spread what is left over two slices",
      [slice("a", "b"), slice("c", "d")],
      all("abcdef"),
      { update: [], create: ["ef"], gone: [], unchanged: ["ab", "cd"] },
    ],
    [
      "drops slices that nothing is left of",
      [slice("a"), slice("b")],
      all("b"),
      { update: [], create: [], gone: ["a"], unchanged: ["b"] },
    ],
    [
      "has an endpoint in one slice only",
      [slice("a", "b"), slice("b", "c")],
      all("abc"),
      { update: ["c"], create: [], gone: [], unchanged: ["ab"] },
    ],
    [
      "changes in place",
      [slice("a", "b")],
      [endpoint("a"), endpoint("b", false)],
      { update: ["ab"], create: [], gone: [], unchanged: [] },
    ],
  ])("%s", (_what, existing, wanted, expected) => {
    expect(packed(existing, wanted)).toEqual(expected);
  });
});
