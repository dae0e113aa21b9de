import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Pod, ResourceQuota } from "../../api/generated/types/core-v1.ts";
import {
  configMaps,
  customResourceDefinitions,
  namespaces,
  pods,
  resourceQuotas,
  resourceType,
  services,
} from "../../client/resource-types.ts";
import { stage, type Stage } from "../stage.testing.ts";
import { resourceQuotaController } from "./resourcequota-controller.ts";

describe("a resource quota", () => {
  let play: Stage;
  let namespace = "";
  let spaces = 0;
  beforeAll(async () => {
    play = await stage([resourceQuotaController]);
  });
  afterAll(() => play[Symbol.asyncDispose]());

  const open = async (): Promise<void> => {
    namespace = `space-${spaces++}`;
    await play.client.create(namespaces, { metadata: { name: namespace } });
  };
  const quota = async (hard: Record<string, string>, more: ResourceQuota["spec"] = {}): Promise<void> => {
    await play.client.create(resourceQuotas, { metadata: { namespace, name: "quota" }, spec: { hard, ...more } });
    await play.settled();
  };
  const status = async () => (await play.client.get(resourceQuotas, { namespace, name: "quota" })).status;
  const pod = (name: string, cpu = "100m", more: Pod["spec"] = { containers: [] }): Pod => ({
    metadata: { namespace, name },
    spec: { ...more, containers: [{ name: "a", image: "a", resources: { requests: { cpu }, limits: { cpu } } }] },
  });

  it("tells what is used, of what was there before and of what comes and goes", async () => {
    await open();
    await play.client.create(pods, pod("one"));
    await play.client.create(configMaps, { metadata: { namespace, name: "map" } });
    await quota({ pods: "5", "requests.cpu": "1", configmaps: "9", "count/configmaps": "9" });
    expect(await status()).toEqual({
      hard: { pods: "5", "requests.cpu": "1", configmaps: "9", "count/configmaps": "9" },
      used: { pods: "1", "requests.cpu": "100m", configmaps: "1", "count/configmaps": "1" },
    });
    await play.client.create(pods, pod("two", "300m"));
    await play.settled();
    expect((await status())?.used).toMatchObject({ pods: "2", "requests.cpu": "400m" });
    await play.client.delete(pods, { namespace, name: "two" });
    await play.client.delete(configMaps, { namespace, name: "map" });
    await play.client.patch(
      pods,
      { namespace, name: "one" },
      { status: { phase: "Succeeded" } },
      { subresource: "status" },
    );
    await play.settled();
    expect((await status())?.used).toEqual({
      pods: "0",
      "requests.cpu": "0",
      configmaps: "0",
      "count/configmaps": "0",
    });
  });

  it("counts only what is in its scopes, and follows its own changes", async () => {
    await open();
    await play.client.create(pods, pod("forever"));
    await play.client.create(pods, pod("brief", "200m", { containers: [], activeDeadlineSeconds: 60 }));
    await quota({ pods: "5" }, { scopes: ["Terminating"] });
    expect((await status())?.used).toEqual({ pods: "1" });
    await play.client.patch(resourceQuotas, { namespace, name: "quota" }, { spec: { hard: { "requests.cpu": "2" } } });
    await play.settled();
    expect(await status()).toEqual({
      hard: { pods: "5", "requests.cpu": "2" },
      used: { pods: "1", "requests.cpu": "200m" },
    });
  });

  it("gives back ports of services that change", async () => {
    await open();
    const spec = { type: "NodePort", ports: [{ port: 80 }] };
    await play.client.create(services, { metadata: { namespace, name: "web" }, spec });
    await quota({ "services.nodeports": "3" });
    expect((await status())?.used).toEqual({ "services.nodeports": "1" });
    await play.client.patch(
      services,
      { namespace, name: "web" },
      { spec: { type: "ClusterIP", ports: [{ port: 80, nodePort: null }] } },
    );
    await play.settled();
    expect((await status())?.used).toEqual({ "services.nodeports": "0" });
  });

  it("counts custom objects once there are any, and says nothing of what it cannot count", async () => {
    await open();
    await quota({ "count/gadgets.example.com": "2", "count/nothing.example.com": "1", "count/nodes": "1" });
    expect((await status())?.used ?? {}).toEqual({});
    await play.client.create(customResourceDefinitions, {
      metadata: { name: "gadgets.example.com" },
      spec: {
        group: "example.com",
        scope: "Namespaced",
        names: { plural: "gadgets", singular: "gadget", kind: "Gadget", listKind: "GadgetList" },
        versions: [{ name: "v1", served: true, storage: true, schema: { openAPIV3Schema: { type: "object" } } }],
      },
    });
    await play.clock.advance(10_000);
    const gadgets = resourceType("example.com/v1", "gadgets", "Gadget", "Namespaced");
    expect((await status())?.used).toEqual({ "count/gadgets.example.com": "0" });
    await play.client.create(gadgets, { metadata: { namespace, name: "gadget" } });
    expect((await status())?.used).toMatchObject({ "count/gadgets.example.com": "1" });
    await play.client.delete(gadgets, { namespace, name: "gadget" });
    await play.settled();
    expect((await status())?.used).toMatchObject({ "count/gadgets.example.com": "0" });
  });

  it("is made true again by and by, and after a restart", async () => {
    await open();
    await play.client.create(pods, pod("one"));
    await quota({ pods: "5" });
    const wrong = { status: { used: { pods: "4" } } };
    const name = { namespace, name: "quota" };
    await play.client.patch(resourceQuotas, name, wrong, { subresource: "status" });
    await play.clock.advance(300_000);
    expect((await status())?.used).toEqual({ pods: "1" });
    await play.client.patch(resourceQuotas, name, wrong, { subresource: "status" });
    await play.restart();
    expect((await status())?.used).toEqual({ pods: "1" });
  });
});
