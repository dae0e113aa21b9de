import { describe, expect, it } from "vitest";
import type { EndpointAddress, Endpoints, Pod, Service } from "../../api/generated/types/core-v1.ts";
import type { DeepReadonly } from "../../api/machinery/object.ts";
import { planEndpoints } from "./plan.ts";
import { repackSubsets } from "./repack.ts";
import { webService } from "./serving.testing.ts";
import { capacity, truncateSubsets } from "./truncate.ts";

const address = (ip: string): EndpointAddress => ({ ip });
const port = (number: number): { port: number; protocol: string } => ({ port: number, protocol: "TCP" });

describe("repacking", () => {
  it.each([
    [
      "puts ports of the same addresses together",
      [
        { addresses: [address("10.0.0.2"), address("10.0.0.1")], ports: [port(80)] },
        { addresses: [address("10.0.0.1")], ports: [port(443)] },
        { addresses: [address("10.0.0.2")], ports: [port(443)] },
      ],
      [{ addresses: [address("10.0.0.1"), address("10.0.0.2")], ports: [port(443), port(80)] }],
    ],
    [
      "keeps ports of different addresses apart",
      [
        { addresses: [address("10.0.0.1"), address("10.0.0.2")], ports: [port(80)] },
        { addresses: [address("10.0.0.1")], ports: [port(443)] },
      ],
      [
        { addresses: [address("10.0.0.1")], ports: [port(443)] },
        { addresses: [address("10.0.0.1"), address("10.0.0.2")], ports: [port(80)] },
      ],
    ],
    [
      "believes the worse of two reports",
      [
        { addresses: [address("10.0.0.1")], ports: [port(80)] },
        { notReadyAddresses: [address("10.0.0.1")], ports: [port(80)] },
      ],
      [{ notReadyAddresses: [address("10.0.0.1")], ports: [port(80)] }],
    ],
    ["keeps addresses without ports", [{ addresses: [address("10.0.0.1")] }], [{ addresses: [address("10.0.0.1")] }]],
  ])("%s, whatever the order", (_what, subsets, expected) => {
    expect(repackSubsets(subsets)).toEqual(expected);
    expect(repackSubsets(subsets.toReversed())).toEqual(expected);
    expect(repackSubsets(repackSubsets(subsets))).toEqual(expected);
  });
});

describe("truncating", () => {
  const many = (count: number): EndpointAddress[] =>
    Array.from({ length: count }, (_, index) => address(`10.${index}`));
  const sizes = (subsets: ReturnType<typeof truncateSubsets>): unknown =>
    subsets?.map(({ addresses = [], notReadyAddresses = [] }) => [addresses.length, notReadyAddresses.length]);

  it.each([
    ["leaves alone what fits", [{ addresses: many(capacity) }], undefined],
    ["drops what is not ready first", [{ addresses: many(900), notReadyAddresses: many(200) }], [[900, 100]]],
    [
      "takes its share of each",
      [{ addresses: many(1500) }, { addresses: many(500), notReadyAddresses: many(9) }],
      [
        [750, 0],
        [250, 0],
      ],
    ],
    ["drops subsets that nothing is left of", [{ addresses: many(1001) }, { notReadyAddresses: many(9) }], [[1000, 0]]],
  ])("%s", (_what, subsets, expected) => {
    expect(sizes(truncateSubsets(subsets))).toEqual(expected);
  });
});

describe("the Endpoints of a service", () => {
  const pod = (name: string, ips: string[], { ready = true, deleted = false } = {}): Pod => ({
    metadata: {
      namespace: "default",
      name,
      uid: name,
      ...(deleted ? { deletionTimestamp: "2026-01-01T00:00:00Z" } : {}),
    },
    spec: { nodeName: "n1", containers: [] },
    status: { podIPs: ips.map((ip) => ({ ip })), conditions: [{ type: "Ready", status: ready ? "True" : "False" }] },
  });
  const plan = (service: Service, pods: Pod[], current?: DeepReadonly<Endpoints>) =>
    planEndpoints({ service, pods, current, triggerTime: undefined });

  it("have the address of the service's first family", () => {
    const service = webService("web", { ipFamilies: ["IPv6", "IPv4"] });
    const [subset] = plan(service, [pod("a", ["10.0.0.1", "fd00:0::1"]), pod("b", ["10.0.0.2"])])?.subsets ?? [];
    expect(subset?.addresses).toEqual([
      { ip: "fd00::1", nodeName: "n1", targetRef: { kind: "Pod", namespace: "default", name: "a", uid: "a" } },
    ]);
  });

  it("leave out what is on its way out, unless all is published", () => {
    const pods = [pod("a", ["10.0.0.1"], { deleted: true }), pod("b", ["10.0.0.2"], { ready: false })];
    const shown = (service: Service): unknown =>
      plan(service, pods)?.subsets?.map(({ addresses = [], notReadyAddresses = [] }) => [
        addresses.map(({ ip }) => ip),
        notReadyAddresses.map(({ ip }) => ip),
      ]);
    expect(shown(webService("web"))).toEqual([[[], ["10.0.0.2"]]]);
    expect(shown(webService("web", { publishNotReadyAddresses: true }))).toEqual([[["10.0.0.1", "10.0.0.2"], []]]);
  });

  it("need not be written where they are right, in whatever order", () => {
    const service = webService("web");
    const pods = [pod("a", ["10.0.0.1"]), pod("b", ["10.0.0.2"])];
    const first = plan(service, pods);
    expect(plan(service, pods, first)).toBeUndefined();
    const [subset] = first?.subsets ?? [];
    const shuffled = { ...first, subsets: [{ ...subset, addresses: subset?.addresses?.toReversed() ?? [] }] };
    expect(plan(service, pods.toReversed(), shuffled)).toBeUndefined();
    expect(plan(service, pods.slice(1), first)).toBeDefined();
  });

  it("say when they had to be cut", () => {
    const pods = Array.from({ length: capacity + 1 }, (_, index) =>
      pod(`p${index}`, [`10.1.${index >> 8}.${index & 255}`]),
    );
    const cut = plan(webService("web"), pods);
    expect(cut?.metadata?.annotations).toEqual({ "endpoints.kubernetes.io/over-capacity": "truncated" });
    expect(cut?.subsets?.[0]?.addresses).toHaveLength(capacity);
    expect(plan(webService("web"), pods, cut)).toBeUndefined();
    expect(plan(webService("web"), pods.slice(1), cut)?.metadata?.annotations).toEqual({});
  });
});
