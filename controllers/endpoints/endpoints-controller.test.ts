import { describe, expect, it } from "vitest";
import { endpoints, endpointSlices, pods, services } from "../../client/resource-types.ts";
import { endpointSliceMirroringController } from "../endpointslicemirroring/endpoint-slice-mirroring-controller.ts";
import { failingAt } from "../failing-at.testing.ts";
import { names, stage } from "../stage.testing.ts";
import { endpointsController } from "./endpoints-controller.ts";
import { report, runPod, webService } from "./serving.testing.ts";

const web = { namespace: "default", name: "web" };

describe("the Endpoints of a service", () => {
  it("follow its pods, and go with it", async () => {
    await using play = await stage([endpointsController]);
    await play.client.create(services, webService("web", { clusterIP: "None" }));
    await runPod(play.client, "one", { ips: ["10.1.0.1"], spec: { hostname: "first", subdomain: "web" } });
    await runPod(play.client, "two", { ips: ["10.1.0.2"], ready: false });
    await play.settled();
    const targetRef = { kind: "Pod", namespace: "default" };
    expect(await play.client.get(endpoints, web)).toMatchObject({
      metadata: {
        labels: {
          team: "a",
          "service.kubernetes.io/headless": "",
          "endpoints.kubernetes.io/managed-by": "endpoint-controller",
        },
        annotations: { "endpoints.kubernetes.io/last-change-trigger-time": "2026-01-01T00:00:00Z" },
      },
      subsets: [
        {
          addresses: [{ ip: "10.1.0.1", hostname: "first", nodeName: "n1", targetRef: { ...targetRef, name: "one" } }],
          notReadyAddresses: [{ ip: "10.1.0.2", nodeName: "n1", targetRef: { ...targetRef, name: "two" } }],
          ports: [{ port: 8080, protocol: "TCP" }],
        },
      ],
    });
    await report(play.client, "two", { ready: true, since: Date.UTC(2026, 0, 2) });
    await play.settled();
    expect((await play.client.get(endpoints, web)).metadata?.annotations).toEqual({
      "endpoints.kubernetes.io/last-change-trigger-time": "2026-01-02T00:00:00Z",
    });
    await play.client.delete(pods, { namespace: "default", name: "one" }, { gracePeriodSeconds: 0 });
    await play.settled();
    const now = await play.client.get(endpoints, web);
    expect(now.metadata?.annotations).toBeUndefined();
    expect(now.subsets?.[0]?.addresses?.map(({ ip }) => ip)).toEqual(["10.1.0.2"]);
    expect(now.subsets?.[0]?.notReadyAddresses).toBeUndefined();
    await play.client.delete(services, web);
    await play.settled();
    expect(names(await play.client.list(endpoints, { namespace: "default" }))).toEqual(["kubernetes"]);
  });

  it("that were left behind are cleared away at the start, those of a service or a leader not", async () => {
    await using play = await stage([endpointsController]);
    await play.stop();
    await play.client.create(endpoints, { metadata: { namespace: "default", name: "stale" } });
    const annotations = { "control-plane.alpha.kubernetes.io/leader": "{}" };
    await play.client.create(endpoints, { metadata: { namespace: "default", name: "leader", annotations } });
    const { selector: _, ...own } = webService("own").spec ?? {};
    await play.client.create(services, { metadata: { namespace: "default", name: "own" }, spec: own });
    await play.client.create(endpoints, { metadata: { namespace: "default", name: "own" } });
    await play.restart();
    await play.client.create(endpoints, { metadata: { namespace: "default", name: "later" } });
    await play.settled();
    expect(names(await play.client.list(endpoints, { namespace: "default" }))).toEqual([
      "kubernetes",
      "later",
      "leader",
      "own",
    ]);
  });

  it.each(["unsent", "unanswered"] as const)("come right though a write is %s", async (how) => {
    const failing = failingAt(how);
    await using play = await stage([endpointsController], { through: failing.through });
    failing.arm("default", 0);
    await play.client.create(services, webService("web"));
    await runPod(play.client, "one");
    await play.restart();
    await play.clock.advance(1000);
    expect(failing.failures).toBe(1);
    expect((await play.client.get(endpoints, web)).subsets?.[0]?.addresses).toHaveLength(1);
  });
});

describe("Endpoints that somebody wrote", () => {
  it("are mirrored to slices as long as the service has no selector", async () => {
    await using play = await stage([endpointSliceMirroringController]);
    const slices = async () => {
      await play.clock.advance(2000);
      return (await play.client.list(endpointSlices, { namespace: "default" })).filter(
        ({ metadata }) =>
          metadata?.labels?.["endpointslice.kubernetes.io/managed-by"]?.startsWith("endpointslicemirroring") === true,
      );
    };
    const { selector: _, ...spec } = webService("web").spec ?? {};
    await play.client.create(services, { metadata: web, spec });
    const ports = [{ name: "http", port: 80, protocol: "TCP" }];
    await play.client.create(endpoints, {
      metadata: { ...web, labels: { a: "b" }, annotations: { c: "d" } },
      subsets: [
        { addresses: [{ ip: "192.0.2.1" }, { ip: "2001:db8::1" }], notReadyAddresses: [{ ip: "192.0.2.2" }], ports },
      ],
    });
    const made = await slices();
    expect(made).toHaveLength(2);
    expect(made.find(({ addressType }) => addressType === "IPv4")).toMatchObject({
      metadata: {
        generateName: "web-",
        labels: {
          a: "b",
          "kubernetes.io/service-name": "web",
          "endpointslice.kubernetes.io/managed-by": "endpointslicemirroring-controller.k8s.io",
        },
        annotations: { c: "d" },
        ownerReferences: [{ apiVersion: "v1", kind: "Endpoints", name: "web", controller: true }],
      },
      endpoints: [
        { addresses: ["192.0.2.1"], conditions: { ready: true } },
        { addresses: ["192.0.2.2"], conditions: { ready: false } },
      ],
      ports,
    });
    await play.client.patch(endpoints, web, {
      subsets: [{ addresses: [{ ip: "192.0.2.9" }], ports: [{ port: 81, protocol: "TCP" }] }],
    });
    const changed = await slices();
    expect(
      changed.map(({ metadata, endpoints: own }) => [metadata?.uid, own?.flatMap(({ addresses }) => addresses)]),
    ).toEqual([[made.find(({ addressType }) => addressType === "IPv4")?.metadata?.uid, ["192.0.2.9"]]]);
    await play.client.patch(endpoints, web, {
      metadata: { labels: { "endpointslice.kubernetes.io/skip-mirror": "true" } },
    });
    expect(await slices()).toEqual([]);
    await play.client.patch(endpoints, web, {
      metadata: { labels: { "endpointslice.kubernetes.io/skip-mirror": null } },
    });
    expect(await slices()).toHaveLength(1);
    await play.client.patch(services, web, { spec: { selector: { app: "web" } } });
    expect(await slices()).toEqual([]);
    await play.client.patch(services, web, { spec: { selector: null } });
    expect(await slices()).toHaveLength(1);
    await play.client.delete(endpoints, web);
    expect(await slices()).toEqual([]);
  });
});
