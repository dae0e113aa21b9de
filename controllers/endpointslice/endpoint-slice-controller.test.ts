import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { EndpointSlice } from "../../api/generated/types/discovery-v1.ts";
import type { DeepReadonly } from "../../api/machinery/object.ts";
import { ApiError } from "../../api/machinery/status.ts";
import { collectionOf } from "../../client/client.ts";
import { endpointSlices, namespaces, nodes, pods, services } from "../../client/resource-types.ts";
import { addNode, report, runPod, webService } from "../endpoints/serving.testing.ts";
import { recording } from "../endpoints/recording.testing.ts";
import { failingAt } from "../failing-at.testing.ts";
import { stage, type Stage } from "../stage.testing.ts";
import { endpointSliceController } from "./endpoint-slice-controller.ts";

let play: Stage;
const events: string[] = [];

beforeAll(async () => {
  play = await stage([recording(endpointSliceController, events)]);
  await addNode(play.client, "n1", { "topology.kubernetes.io/zone": "a" });
  await addNode(play.client, "n2", { "topology.kubernetes.io/zone": "b" });
});
afterAll(() => play[Symbol.asyncDispose]());

async function slicesOf(namespace: string, { client }: Stage = play): Promise<DeepReadonly<EndpointSlice>[]> {
  await play.settled();
  return client.list(endpointSlices, { namespace });
}

let count = 0;
async function newNamespace({ client }: Stage = play): Promise<string> {
  count += 1;
  const name = `ns-${count}`;
  await client.create(namespaces, { metadata: { name } });
  return name;
}

const addressesOf = (slices: readonly DeepReadonly<EndpointSlice>[]): string[] =>
  slices.flatMap(({ endpoints }) => (endpoints ?? []).flatMap(({ addresses }) => addresses)).toSorted();

describe("the slices of a service", () => {
  it("hold its pods, with where and how they are, and carry its labels", async () => {
    const namespace = await newNamespace();
    await play.client.create(services, webService("web", { clusterIP: "None" }, namespace));
    await runPod(play.client, "one", { spec: { hostname: "first", subdomain: "web" } }, namespace);
    const [slice, ...more] = await slicesOf(namespace);
    expect(more).toEqual([]);
    expect(slice).toMatchObject({
      metadata: {
        generateName: "web-",
        labels: {
          team: "a",
          "kubernetes.io/service-name": "web",
          "endpointslice.kubernetes.io/managed-by": "endpointslice-controller.k8s.io",
          "service.kubernetes.io/headless": "",
        },
        annotations: { "endpoints.kubernetes.io/last-change-trigger-time": "2026-01-01T00:00:00Z" },
        ownerReferences: [{ kind: "Service", name: "web", controller: true, blockOwnerDeletion: true }],
      },
      addressType: "IPv4",
      ports: [{ name: "", port: 8080, protocol: "TCP" }],
      endpoints: [
        {
          addresses: ["10.1.0.1"],
          conditions: { ready: true, serving: true, terminating: false },
          hostname: "first",
          nodeName: "n1",
          zone: "a",
          targetRef: { kind: "Pod", name: "one", namespace },
        },
      ],
    });
  });

  it("are empty where there are no pods, and are filled in place", async () => {
    const namespace = await newNamespace();
    await play.client.create(services, webService("web", {}, namespace));
    const [empty] = await slicesOf(namespace);
    expect(empty).toMatchObject({ endpoints: null, metadata: { labels: { team: "a" } } });
    await runPod(play.client, "one", {}, namespace);
    const [filled, ...more] = await slicesOf(namespace);
    expect(more).toEqual([]);
    expect(filled?.metadata?.name).toBe(empty?.metadata?.name);
    await play.client.delete(pods, { namespace, name: "one" }, { gracePeriodSeconds: 0 });
    expect(addressesOf(await slicesOf(namespace))).toEqual([]);
    await play.client.patch(services, { namespace, name: "web" }, { metadata: { labels: { team: "b" } } });
    const [relabelled] = await slicesOf(namespace);
    expect(relabelled?.metadata?.labels).toMatchObject({ team: "b" });
  });

  it("say what is ready, what serves still while it ends, and leave out what has ended", async () => {
    const namespace = await newNamespace();
    await play.client.create(services, webService("web", {}, namespace));
    await runPod(play.client, "ready", { ips: ["10.1.0.1"] }, namespace);
    await runPod(play.client, "unready", { ips: ["10.1.0.2"], ready: false }, namespace);
    await runPod(play.client, "ending", { ips: ["10.1.0.3"] }, namespace);
    await runPod(play.client, "ended", { ips: ["10.1.0.4"], phase: "Succeeded", ready: false }, namespace);
    await runPod(play.client, "nowhere", { ips: [] }, namespace);
    await play.client.delete(pods, { namespace, name: "ending" });
    const [slice] = await slicesOf(namespace);
    expect(slice?.endpoints?.map(({ targetRef, conditions }) => [targetRef?.name, conditions])).toEqual([
      ["ready", { ready: true, serving: true, terminating: false }],
      ["unready", { ready: false, serving: false, terminating: false }],
      ["ending", { ready: false, serving: true, terminating: true }],
    ]);
    await play.client.patch(services, { namespace, name: "web" }, { spec: { publishNotReadyAddresses: true } });
    const [published] = await slicesOf(namespace);
    expect(published?.endpoints?.map(({ conditions }) => conditions?.ready)).toEqual([true, true, true]);
  });

  it("follow pods whose labels come and go", async () => {
    const namespace = await newNamespace();
    await play.client.create(services, webService("web", {}, namespace));
    await play.client.create(services, webService("api", {}, namespace));
    await runPod(play.client, "one", {}, namespace);
    await play.settled();
    await play.client.patch(pods, { namespace, name: "one" }, { metadata: { labels: { app: "api" } } });
    const slices = await slicesOf(namespace);
    const named = Object.fromEntries(
      slices.map(({ metadata, endpoints }) => [metadata?.generateName, (endpoints ?? []).length]),
    );
    expect(named).toEqual({ "web-": 0, "api-": 1 });
  });

  it("are nobody's business for services without a selector, and for names elsewhere", async () => {
    const namespace = await newNamespace();
    const { selector: _, ...spec } = webService("own").spec ?? {};
    await play.client.create(services, { metadata: { namespace, name: "own" }, spec });
    const external = { type: "ExternalName", externalName: "example.com", selector: { app: "web" } };
    await play.client.create(services, { metadata: { namespace, name: "far" }, spec: external });
    expect(await slicesOf(namespace)).toEqual([]);
    expect(
      (await play.client.list(endpointSlices, { namespace: "default" })).map(({ metadata }) => metadata?.name),
    ).toEqual(["kubernetes"]);
  });

  it("leave out a pod whose node is unknown, and say so", async () => {
    const namespace = await newNamespace();
    await play.client.create(services, webService("web", {}, namespace));
    await runPod(play.client, "lost", { node: "gone" }, namespace);
    expect(addressesOf(await slicesOf(namespace))).toEqual([]);
    expect(events).toContain(
      `Warning FailedToUpdateEndpointSlices Service/web: Error updating Endpoint Slices for Service ${namespace}/web: skipping Pod lost for Service ${namespace}/web: Node gone Not Found`,
    );
    await addNode(play.client, "gone");
    await play.clock.advance(60_000);
    expect(addressesOf(await slicesOf(namespace))).toEqual(["10.1.0.1"]);
  });

  it("are put right when somebody else changes them", async () => {
    const namespace = await newNamespace();
    await play.client.create(services, webService("web", {}, namespace));
    await runPod(play.client, "one", {}, namespace);
    const [slice] = await slicesOf(namespace);
    await play.client.patch(endpointSlices, { namespace, name: slice?.metadata?.name ?? "" }, { endpoints: [] });
    await play.clock.advance(2000);
    expect(addressesOf(await slicesOf(namespace))).toEqual(["10.1.0.1"]);
    await play.client.delete(endpointSlices, { namespace, name: slice?.metadata?.name ?? "" });
    await play.clock.advance(2000);
    expect(addressesOf(await slicesOf(namespace))).toEqual(["10.1.0.1"]);
  });

  it.each([
    ["PreferClose", { forZones: [{ name: "a" }] }],
    ["PreferSameZone", { forZones: [{ name: "a" }] }],
    ["PreferSameNode", { forZones: [{ name: "a" }], forNodes: [{ name: "n1" }] }],
  ])("carry hints for %s, and lose them with it", async (trafficDistribution, hints) => {
    const namespace = await newNamespace();
    await play.client.create(services, webService("web", {}, namespace));
    await runPod(play.client, "one", {}, namespace);
    expect((await slicesOf(namespace))[0]?.endpoints?.[0]?.hints).toBeUndefined();
    await play.client.patch(services, { namespace, name: "web" }, { spec: { trafficDistribution } });
    expect((await slicesOf(namespace))[0]?.endpoints?.[0]?.hints).toEqual(hints);
    await play.client.patch(services, { namespace, name: "web" }, { spec: { trafficDistribution: null } });
    expect((await slicesOf(namespace))[0]?.endpoints?.[0]?.hints).toBeUndefined();
  });

  it("carry hints by the CPUs of zones where the service asks for them", async () => {
    const namespace = await newNamespace();
    for (const name of ["n1", "n2"]) await describeNode(name, "True");
    const service = webService("web", {}, namespace);
    const annotations = { "service.kubernetes.io/topology-mode": "Auto" };
    await play.client.create(services, { ...service, metadata: { ...service.metadata, annotations } });
    for (const [name, node] of [
      ["one", "n1"],
      ["two", "n1"],
      ["three", "n1"],
      ["four", "n2"],
    ] as const)
      await runPod(play.client, name, { node, ips: [`10.1.0.${name.length + node.charCodeAt(1)}`] }, namespace);
    const zones = (await slicesOf(namespace)).flatMap(({ endpoints }) =>
      (endpoints ?? []).flatMap(({ hints }) => hints?.forZones?.map(({ name }) => name) ?? []),
    );
    expect(zones.toSorted()).toEqual(["a", "a", "b", "b"]);
    expect(events).toContain(
      "Normal TopologyAwareHintsEnabled Service/web: Topology Aware Hints has been enabled, addressType: IPv4",
    );
    await describeNode("n2", "False");
    expect(
      (await slicesOf(namespace)).flatMap(({ endpoints }) => (endpoints ?? []).filter(({ hints }) => hints)),
    ).toEqual([]);
    expect(events).toContain(
      "Warning TopologyAwareHintsDisabled Service/web: Insufficient Node information: allocatable CPU or zone not specified on one or more nodes, addressType: IPv4",
    );
  });
});

async function describeNode(name: string, ready: string): Promise<void> {
  const status = { allocatable: { cpu: "4" }, conditions: [{ type: "Ready", status: ready }] };
  await play.client.patch(nodes, { name }, { status }, { subresource: "status" });
}

describe("slices that are many", () => {
  it("hold a hundred endpoints each, are written only where something changes, and survive a crash at any write", async () => {
    let writes = 0;
    let failAt = 2;
    await using busy = await stage([endpointSliceController], {
      through: (transport) => async (request) => {
        if (request.method !== "GET" && request.url.includes(collectionOf(endpointSlices, "default"))) {
          writes += 1;
          if (writes === failAt) throw new ApiError("InternalError", "the server is out of order");
        }
        return transport(request);
      },
    });
    await addNode(busy.client, "n1");
    await busy.stop();
    await busy.client.create(services, webService("web"));
    for (let index = 0; index < 120; index += 1)
      await runPod(busy.client, `p${index}`, { ips: [`10.1.${index >> 7}.${(index % 128) + 1}`] });
    await busy.restart();
    await busy.settled();
    await busy.restart();
    await busy.clock.advance(10_000);
    const mine = async () =>
      (await busy.client.list(endpointSlices, { namespace: "default" })).filter(
        ({ metadata }) => metadata?.name !== "kubernetes",
      );
    const sizes = (await mine()).map(({ endpoints }) => (endpoints ?? []).length);
    expect(sizes.toSorted()).toEqual([100, 20]);
    expect(new Set(addressesOf(await mine())).size).toBe(120);
    writes = 0;
    failAt = 0;
    await report(busy.client, "p7", { ready: false });
    await busy.clock.advance(10_000);
    expect(writes).toBe(1);
    await busy.client.patch(pods, { namespace: "default", name: "p8" }, { metadata: { annotations: { a: "b" } } });
    await busy.clock.advance(10_000);
    expect(writes).toBe(1);
  });
});

describe("a controller that fails", () => {
  const names = ["one", "two", "three"];

  it.each([0, 1, 2, 3].flatMap((at) => [["unsent", at] as const, ["unanswered", at] as const]))(
    "with a write %s (number %i) comes to the same slices",
    async (how, at) => {
      const failing = failingAt(how);
      await using faulty = await stage([endpointSliceController], { through: failing.through });
      await addNode(faulty.client, "n1");
      failing.arm("default", at);
      await faulty.client.create(services, webService("web"));
      for (const [index, name] of names.entries()) await runPod(faulty.client, name, { ips: [`10.1.0.${index + 1}`] });
      await faulty.settled();
      const ports = [{ port: 80, targetPort: 9090, protocol: "TCP" }];
      await faulty.client.patch(services, { namespace: "default", name: "web" }, { spec: { ports } });
      await faulty.restart();
      await faulty.clock.advance(60_000);
      await faulty.client.patch(services, { namespace: "default", name: "web" }, { metadata: { labels: { a: "b" } } });
      await faulty.clock.advance(60_000);
      const slices = (await faulty.client.list(endpointSlices, { namespace: "default" })).filter(
        ({ metadata }) => metadata?.labels?.["kubernetes.io/service-name"] === "web",
      );
      expect(failing.failures).toBe(1);
      expect(addressesOf(slices)).toEqual(["10.1.0.1", "10.1.0.2", "10.1.0.3"]);
      expect(
        slices.every(({ ports: own, metadata }) => own?.[0]?.port === 9090 && metadata?.labels?.["a"] === "b"),
      ).toBe(true);
    },
  );
});
