import { describe, expect, it } from "vitest";
import type { ConfigMap } from "../../api/generated/types/core-v1.ts";
import type { DeepReadonly, OwnerReference } from "../../api/machinery/object.ts";
import { ApiError } from "../../api/machinery/status.ts";
import type { Client } from "../../client/client.ts";
import {
  configMaps,
  customResourceDefinitions,
  events,
  namespaces,
  nodes,
  pods,
  priorityClasses,
  replicaSets,
  resourceType,
  secrets,
} from "../../client/resource-types.ts";
import { replicaSetController } from "../replicaset/replica-set-controller.ts";
import { names, stage, type Stage } from "../stage.testing.ts";
import { garbageCollectorController } from "./garbage-collector-controller.ts";

const namespace = "default";

async function make(
  client: Client,
  name: string,
  owners: readonly OwnerReference[] = [],
  more: ConfigMap["metadata"] = {},
) {
  return client.create(configMaps, { metadata: { namespace, name, ownerReferences: [...owners], ...more } });
}

function ownedBy({ metadata }: DeepReadonly<ConfigMap>, more: Partial<OwnerReference> = {}): OwnerReference {
  return { apiVersion: "v1", kind: "ConfigMap", name: metadata?.name ?? "", uid: metadata?.uid ?? "", ...more };
}

async function left({ client }: Stage, inside = namespace): Promise<string[]> {
  return names(await client.list(configMaps, { namespace: inside }));
}

describe("the garbage collector", { timeout: 30_000 }, () => {
  it("deletes what has lost its last owner, and what that owned", async () => {
    await using play = await stage([garbageCollectorController]);
    const { client } = play;
    const [top, other] = [await make(client, "top"), await make(client, "other")];
    const middle = await make(client, "middle", [ownedBy(top)]);
    await make(client, "bottom", [ownedBy(middle)]);
    await make(client, "shared", [ownedBy(top), ownedBy(other)]);
    await play.settled();
    expect(await left(play)).toEqual(["bottom", "middle", "other", "shared", "top"]);
    await client.delete(configMaps, { namespace, name: "top" }, { propagationPolicy: "Background" });
    await play.settled();
    expect(await left(play)).toEqual(["other", "shared"]);
    const shared = await client.get(configMaps, { namespace, name: "shared" });
    expect(shared.metadata?.ownerReferences).toEqual([ownedBy(other)]);
  });

  it("lets dependents go first when an owner is deleted in the foreground", async () => {
    await using play = await stage([garbageCollectorController]);
    const { client } = play;
    const owner = await make(client, "owner");
    await make(client, "held", [ownedBy(owner, { blockOwnerDeletion: true })], { finalizers: ["example.com/hold"] });
    await make(client, "free", [ownedBy(owner, { blockOwnerDeletion: true })]);
    await client.delete(configMaps, { namespace, name: "owner" }, { propagationPolicy: "Foreground" });
    await play.settled();
    expect(await left(play)).toEqual(["held", "owner"]);
    await play.restart();
    expect(await left(play)).toEqual(["held", "owner"]);
    await client.patch(configMaps, { namespace, name: "held" }, { metadata: { finalizers: null } });
    await play.settled();
    expect(await left(play)).toEqual([]);
  });

  it("leaves dependents alone when an owner is deleted as an orphaner", async () => {
    await using play = await stage([garbageCollectorController]);
    const { client } = play;
    const owner = await make(client, "owner");
    await make(client, "one", [ownedBy(owner)]);
    await client.delete(configMaps, { namespace, name: "owner" }, { propagationPolicy: "Orphan" });
    await play.settled();
    expect(await left(play)).toEqual(["one"]);
    const one = await client.get(configMaps, { namespace, name: "one" });
    expect(one.metadata?.ownerReferences).toBeUndefined();
  });

  it("breaks a circle of owners that is deleted in the foreground", async () => {
    await using play = await stage([garbageCollectorController]);
    const { client } = play;
    const one = await make(client, "one");
    const two = await make(client, "two", [ownedBy(one, { blockOwnerDeletion: true })]);
    const ownerReferences = [ownedBy(two, { blockOwnerDeletion: true })];
    await client.patch(configMaps, { namespace, name: "one" }, { metadata: { ownerReferences } });
    await play.settled();
    expect(await left(play)).toEqual(["one", "two"]);
    await client.delete(configMaps, { namespace, name: "one" }, { propagationPolicy: "Foreground" });
    await play.settled();
    await play.clock.advance(60_000);
    expect(await left(play)).toEqual([]);
  });

  it("deletes what refers to nothing, and keeps what refers to something under another version or by mistake", async () => {
    await using play = await stage([garbageCollectorController]);
    const { client } = play;
    const owner = await make(client, "owner");
    await make(client, "dangling", [ownedBy(owner, { uid: "nobody", name: "nobody" })]);
    await make(client, "unknown-kind", [ownedBy(owner, { kind: "Nonsense" })]);
    await make(client, "unknown-version", [ownedBy(owner, { apiVersion: "v7" })]);
    await play.settled();
    await play.clock.advance(300_000);
    expect(await left(play)).toEqual(["owner", "unknown-kind", "unknown-version"]);
  });

  it("does not take an owner's name in another namespace for the owner", async () => {
    await using play = await stage([garbageCollectorController]);
    const { client } = play;
    await client.create(namespaces, { metadata: { name: "elsewhere" } });
    const owner = await make(client, "owner");
    const metadata = { namespace: "elsewhere", name: "child", ownerReferences: [ownedBy(owner)] };
    await client.create(configMaps, { metadata });
    await make(client, "good", [ownedBy(owner)]);
    await play.settled();
    // As upstream: the owner is not in the child's namespace, so the child has none.
    expect(await left(play, "elsewhere")).toEqual([]);
    expect(await left(play)).toEqual(["good", "owner"]);
    await play.clock.advance(1_000);
    const told = (await client.list(events, { namespace: "elsewhere" })).map(({ reason, message, source }) => [
      reason,
      message,
      source?.component,
    ]);
    const uid = owner.metadata?.uid ?? "";
    expect(told).toContainEqual([
      "OwnerRefInvalidNamespace",
      `ownerRef [v1/ConfigMap, namespace: elsewhere, name: owner, uid: ${uid}] does not exist in namespace "elsewhere"`,
      "garbage-collector-controller",
    ]);
  });

  it("takes pods along with their set, or leaves them to the next", async () => {
    await using play = await stage([garbageCollectorController, replicaSetController]);
    const { client } = play;
    const template = { metadata: { labels: { app: "web" } }, spec: { containers: [{ name: "web", image: "nginx" }] } };
    const set = {
      metadata: { namespace, name: "web" },
      spec: { replicas: 3, selector: { matchLabels: { app: "web" } }, template },
    };
    const running = async (): Promise<string[]> => names(await client.list(pods, { namespace }));
    await client.create(replicaSets, set);
    await play.settled();
    const first = await running();
    expect(first).toHaveLength(3);
    await client.delete(replicaSets, set.metadata, { propagationPolicy: "Orphan" });
    await play.settled();
    expect(await running()).toEqual(first);
    await client.create(replicaSets, set);
    await play.settled();
    expect(await running()).toEqual(first);
    await client.delete(replicaSets, set.metadata, { propagationPolicy: "Foreground" });
    await play.settled();
    expect(await running()).toEqual([]);
    expect(names(await client.list(replicaSets))).toEqual([]);
  });

  it("finds the dependents of cluster-wide owners in all namespaces", async () => {
    await using play = await stage([garbageCollectorController]);
    const { client } = play;
    const node = await client.create(nodes, { metadata: { name: "node" } });
    const reference = { apiVersion: "v1", kind: "Node", name: "node", uid: node.metadata?.uid ?? "" };
    for (const space of ["default", "kube-system", "kube-public"]) {
      const lost = { ...reference, uid: "lost" };
      await client.create(configMaps, {
        metadata: { namespace: space, name: "of-node", ownerReferences: [reference] },
      });
      await client.create(configMaps, { metadata: { namespace: space, name: "lost", ownerReferences: [lost] } });
    }
    await client.create(priorityClasses, {
      metadata: {
        name: "wide",
        ownerReferences: [{ apiVersion: "v1", kind: "ConfigMap", name: "of-node", uid: "some" }],
      },
      value: 1,
    });
    await play.settled();
    const all = async () =>
      names(await client.list(configMaps)).filter((name) => name === "of-node" || name === "lost");
    expect(await all()).toEqual(["of-node", "of-node", "of-node"]);
    await client.delete(nodes, { name: "node" });
    await play.settled();
    expect(await all()).toEqual([]);
    await play.clock.advance(120_000);
    // Its owner cannot be: upstream leaves it alone.
    expect(names(await client.list(priorityClasses))).toContain("wide");
  });

  it("lets no owner go before it knows all of its dependents, but does not wait for ever", async () => {
    let isBroken = true;
    await using play = await stage([garbageCollectorController], {
      through: (transport) => async (request) => {
        if (isBroken && request.url.startsWith("/api/v1/secrets?")) throw new ApiError("ServiceUnavailable", "not now");
        return transport(request);
      },
    });
    const { client } = play;
    const owner = await make(client, "owner");
    await client.create(secrets, { metadata: { namespace, name: "secret", ownerReferences: [ownedBy(owner)] } });
    await client.delete(configMaps, { namespace, name: "owner" }, { propagationPolicy: "Orphan" });
    await play.clock.advance(10_000);
    expect(await left(play)).toEqual(["owner"]);
    isBroken = false;
    await play.clock.advance(20_000);
    expect(await left(play)).toEqual([]);
    expect(names(await client.list(secrets, { namespace }))).toEqual(["secret"]);
    isBroken = true;
    await play.restart();
    await make(client, "another");
    await client.delete(configMaps, { namespace, name: "another" }, { propagationPolicy: "Orphan" });
    await play.clock.advance(40_000);
    expect(await left(play)).toEqual([]);
  });

  it("follows custom kinds as they come and go", async () => {
    await using play = await stage([garbageCollectorController]);
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
    await play.settled();
    await play.clock.advance(10_000);
    const widget = await client.create(widgets, { metadata: { namespace, name: "widget" } });
    const { uid = "" } = widget.metadata ?? {};
    await make(client, "part", [{ apiVersion: "example.com/v1", kind: "Widget", name: "widget", uid }]);
    const owner = await make(client, "owner");
    await client.create(widgets, { metadata: { namespace, name: "owned", ownerReferences: [ownedBy(owner)] } });
    await play.settled();
    await client.delete(widgets, { namespace, name: "widget" });
    await client.delete(configMaps, { namespace, name: "owner" });
    await play.settled();
    expect(await left(play)).toEqual([]);
    expect(names(await client.list(widgets))).toEqual([]);
    await client.delete(customResourceDefinitions, { name: "widgets.example.com" });
    await play.settled();
    await play.clock.advance(60_000);
    await make(client, "late", [ownedBy(owner, { apiVersion: "example.com/v1", kind: "Widget" })]);
    await play.clock.advance(60_000);
    expect(await left(play)).toEqual(["late"]);
  });

  it("goes on after failures of the server, and reads nothing for objects without owners", async () => {
    const asked: string[] = [];
    let failures = 0;
    await using play = await stage([garbageCollectorController], {
      through: (transport) => async (request) => {
        if (!request.url.includes("watch=true") && request.url.includes("configmaps"))
          asked.push(`${request.method} ${request.url}`);
        if (request.method === "DELETE" && failures++ < 3) throw new ApiError("InternalError", "not now");
        return transport(request);
      },
    });
    const { client } = play;
    const owner = await make(client, "owner");
    await make(client, "one", [ownedBy(owner)]);
    await client.patch(configMaps, { namespace, name: "owner" }, { data: { a: "b" } });
    await play.settled();
    expect(asked).toEqual([]);
    await client.delete(configMaps, { namespace, name: "owner" });
    await play.settled();
    await play.clock.advance(1_000);
    expect(await left(play)).toEqual([]);
    expect(asked.filter((line) => line.startsWith("GET"))).toEqual([]);
    const another = await make(client, "another");
    await client.create(secrets, { metadata: { namespace, name: "secret", ownerReferences: [ownedBy(another)] } });
    await play.restart();
    expect(asked.filter((line) => line.startsWith("GET"))).toEqual([]);
  });
});
