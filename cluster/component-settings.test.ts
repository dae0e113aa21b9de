import { expect, it } from "vitest";
import { registry } from "../api/registry.ts";
import { storageClasses } from "../client/resource-types.ts";
import { componentSettings } from "./component-settings.ts";
import type { ClusterOptions } from "./options.ts";
import { createCluster } from "./testing.ts";

it.each<[ClusterOptions, string]>([
  [{ controllers: ["*", "-coffee-controller"] }, '--controllers: "coffee-controller" is not in the list'],
  [{ podRanges: ["10.0.0.0/28"] }, "--cluster-cidr: 10.0.0.0/28 cannot be divided into ranges of /24"],
  [{ podRanges: ["somewhere"] }, "--cluster-cidr: somewhere is no range of addresses"],
  [{ schedulerConfigFile: "/nowhere.yaml" }, "--scheduler-config: /nowhere.yaml cannot be read (ENOENT)"],
  [{ nodes: 1, runtimeConfig: "coordination.k8s.io/v1=false" }, "nodes cannot do without leases"],
])("refuses %j in one line, and leaves nothing running", async (options, message) => {
  const refused = await createCluster({ nodes: 0, ...options }).catch((thrown: unknown) => thrown);
  expect(refused).toMatchObject({ name: "OptionError", message: expect.stringContaining(message) as string });
});

it("takes a wider range for pods where the usual one has not enough for so many nodes", async () => {
  expect((await componentSettings({ nodes: 256 }, registry)).podRanges).toEqual(["10.244.0.0/16"]);
  expect((await componentSettings({ nodes: 257 }, registry)).podRanges).toEqual(["10.128.0.0/9"]);
});

it("starts without the resources that are switched off", async () => {
  await using cluster = await createCluster({ runtimeConfig: "storage.k8s.io/v1=false,batch/v1=false" });
  await expect(cluster.client.list(storageClasses)).rejects.toThrow("could not find the requested resource");
});

it("makes a default class of volumes at the first start alone", async () => {
  await using cluster = await createCluster({ nodes: 0 });
  const [found] = await cluster.client.list(storageClasses);
  expect(found?.metadata?.name).toBe("local-path");
  await using without = await createCluster({ nodes: 0, controllers: ["*", "-local-path-provisioner-controller"] });
  expect(await without.client.list(storageClasses)).toEqual([]);
});
