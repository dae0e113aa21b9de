import { describe, expect, it } from "vitest";
import type { NamespaceCondition } from "../../api/generated/types/core-v1.ts";
import type { DeepReadonly, KubeObject } from "../../api/machinery/object.ts";
import {
  apiServices,
  configMaps,
  customResourceDefinitions,
  namespaces,
  pods,
  replicaSets,
  resourceQuotas,
  resourceType,
  secrets,
} from "../../client/resource-types.ts";
import { failingAt } from "../failing-at.testing.ts";
import { garbageCollectorController } from "../garbagecollector/garbage-collector-controller.ts";
import { replicaSetController } from "../replicaset/replica-set-controller.ts";
import { resourceQuotaController } from "../resourcequota/resourcequota-controller.ts";
import { rootCaCertificatePublisherController } from "../rootca/root-ca-certificate-publisher-controller.ts";
import { serviceAccountController } from "../serviceaccount/serviceaccount-controller.ts";
import { names, stage, type Stage } from "../stage.testing.ts";
import { namespaceController } from "./namespace-controller.ts";

const name = "shop";
const key = { namespace: name, name: "thing" };

async function isThere({ client }: Stage): Promise<boolean> {
  return names(await client.list(namespaces)).includes(name);
}

async function conditionsOf({ client }: Stage): Promise<Record<string, string>> {
  const { status } = await client.get(namespaces, { name });
  const wrong = (status?.conditions ?? []).filter(({ status: is }: DeepReadonly<NamespaceCondition>) => is === "True");
  return Object.fromEntries(wrong.map(({ type, reason, message }) => [type, `${reason}: ${message}`]));
}

describe("a namespace that is deleted", { timeout: 30_000 }, () => {
  it("goes with everything in it, custom objects too", async () => {
    await using play = await stage([namespaceController]);
    const { client } = play;
    const widgets = resourceType("example.com/v1", "widgets", "Widget", "Namespaced");
    await client.create(customResourceDefinitions, {
      metadata: { name: "widgets.example.com" },
      spec: {
        group: "example.com",
        scope: "Namespaced",
        names: { plural: "widgets", singular: "widget", kind: "Widget", listKind: "WidgetList" },
        versions: [{ name: "v1", served: true, storage: true, schema: { openAPIV3Schema: { type: "object" } } }],
      },
    });
    await client.create(namespaces, { metadata: { name } });
    await play.clock.advance(10_000);
    await client.create(widgets, { metadata: key });
    await client.create(configMaps, { metadata: key });
    await client.create(secrets, { metadata: { namespace: "default", name: "kept" } });
    await client.delete(namespaces, { name });
    await play.settled();
    expect(await isThere(play)).toBe(true);
    await play.clock.advance(6_000);
    expect(await isThere(play)).toBe(false);
    expect(names(await client.list<KubeObject>(widgets))).toEqual([]);
    expect(names(await client.list(configMaps, { namespace: name }))).toEqual([]);
    expect(names(await client.list(secrets, { namespace: "default" }))).toContain("kept");
  });

  it("loses its pods before all else, and says what it waits for", async () => {
    await using play = await stage([namespaceController]);
    const { client } = play;
    await client.create(namespaces, { metadata: { name } });
    await client.create(configMaps, { metadata: key });
    const spec = { containers: [{ name: "a", image: "a" }], terminationGracePeriodSeconds: 20 };
    await client.create(pods, { metadata: { ...key, finalizers: ["example.com/hold"] }, spec });
    await client.delete(namespaces, { name });
    await play.clock.advance(6_000);
    expect(await conditionsOf(play)).toEqual({
      NamespaceContentRemaining: "SomeResourcesRemain: Some resources are remaining: pods. has 1 resource instances",
      NamespaceFinalizersRemaining:
        "SomeFinalizersRemain: Some content in the namespace has finalizers remaining: example.com/hold in 1 resource instances",
    });
    expect(names(await client.list(configMaps, { namespace: name }))).toContain("thing");
    await play.restart();
    await client.patch(pods, key, { metadata: { finalizers: null } });
    await play.settled();
    expect(await isThere(play)).toBe(false);
  });

  it("stays as long as an object has a finalizer, or a finalizer of its own is left", async () => {
    await using play = await stage([namespaceController]);
    const { client } = play;
    await client.create(namespaces, { metadata: { name }, spec: { finalizers: ["example.com/mine"] } });
    await client.create(configMaps, { metadata: { ...key, finalizers: ["example.com/hold"] } });
    await client.delete(namespaces, { name });
    await play.clock.advance(60_000);
    expect(Object.keys(await conditionsOf(play))).toEqual([
      "NamespaceContentRemaining",
      "NamespaceFinalizersRemaining",
    ]);
    await client.patch(configMaps, key, { metadata: { finalizers: null } });
    await play.clock.advance(20_000);
    expect((await client.get(namespaces, { name })).spec?.finalizers).toEqual(["example.com/mine"]);
    expect(await conditionsOf(play)).toEqual({});
  });

  it("does not go while a group cannot be discovered, but is emptied of all else", async () => {
    await using play = await stage([namespaceController]);
    const { client } = play;
    await client.create(apiServices, {
      metadata: { name: "v1.far.example.com" },
      spec: {
        group: "far.example.com",
        version: "v1",
        groupPriorityMinimum: 100,
        versionPriority: 100,
        insecureSkipTLSVerify: true,
        service: { namespace: "default", name: "nowhere" },
      },
    });
    await client.create(namespaces, { metadata: { name } });
    await client.create(configMaps, { metadata: key });
    await client.delete(namespaces, { name });
    await play.clock.advance(20_000);
    expect(await conditionsOf(play)).toEqual({
      NamespaceDeletionDiscoveryFailure:
        "DiscoveryFailed: Discovery failed for some groups, 1 failing: unable to retrieve the complete list of server APIs: " +
        "far.example.com/v1: stale GroupVersion discovery: far.example.com/v1",
    });
    expect(names(await client.list(configMaps, { namespace: name }))).toEqual([]);
    await client.delete(apiServices, { name: "v1.far.example.com" });
    await play.clock.advance(120_000);
    expect(await isThere(play)).toBe(false);
  });

  it("goes in the end, whichever request fails or stays without an answer", async () => {
    for (const how of ["unsent", "unanswered"] as const) {
      const failing = failingAt(how);
      await using play = await stage([namespaceController], { through: failing.through });
      const { client } = play;
      // Up to the last of the writes that there are: conditions and finalizer.
      const first = how === "unsent" ? 0 : 2;
      const spaces = Array.from({ length: 9 }, (_, at) => ({ space: `${name}-${at}`, at: first + at * 4 }));
      for (const { space, at } of spaces) {
        failing.arm(space, at);
        await client.create(namespaces, { metadata: { name: space } });
        await client.create(configMaps, { metadata: { namespace: space, name: "thing" } });
        await client.delete(namespaces, { name: space });
      }
      await play.clock.advance(6_000);
      await play.restart();
      await play.clock.advance(60_000);
      expect(failing.failures).toBeGreaterThan(6);
      expect(names(await client.list(namespaces)).filter((one) => one.startsWith(name))).toEqual([]);
      expect(names(await client.list(configMaps)).filter((one) => one === "thing")).toEqual([]);
    }
  });

  it("goes although others keep making things in namespaces", async () => {
    const all = [
      namespaceController,
      garbageCollectorController,
      replicaSetController,
      resourceQuotaController,
      rootCaCertificatePublisherController,
      serviceAccountController,
    ];
    await using play = await stage(all);
    const { client } = play;
    await client.create(namespaces, { metadata: { name } });
    await client.create(resourceQuotas, {
      metadata: key,
      spec: { hard: { pods: "10", "count/replicasets.apps": "3" } },
    });
    const labels = { app: "web" };
    const template = { metadata: { labels }, spec: { containers: [{ name: "web", image: "nginx" }] } };
    await client.create(replicaSets, {
      metadata: key,
      spec: { replicas: 3, selector: { matchLabels: labels }, template },
    });
    await play.settled();
    expect(await client.list(pods, { namespace: name })).toHaveLength(3);
    expect((await client.get(resourceQuotas, key)).status?.used).toEqual({ pods: "3", "count/replicasets.apps": "1" });
    await client.delete(namespaces, { name });
    await play.clock.advance(30_000);
    expect(await isThere(play)).toBe(false);
    expect(await client.list(pods, { namespace: name })).toEqual([]);
  });
});
