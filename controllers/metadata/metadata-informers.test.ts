import { describe, expect, it } from "vitest";
import type { KubeObject } from "../../api/machinery/object.ts";
import { configMaps } from "../../client/resource-types.ts";
import type { Controller } from "../controller.ts";
import { stage } from "../stage.testing.ts";
import { createMetadataInformers, type MetadataInformers } from "./metadata-informers.ts";

describe("metadata informers", () => {
  it("have the metadata of objects and nothing else, until they are stopped", async () => {
    let informers: MetadataInformers | undefined;
    const controller: Controller = {
      name: "watching",
      start(deps) {
        const own = createMetadataInformers(deps);
        informers = own;
        return async () => await own[Symbol.asyncDispose]();
      },
    };
    await using play = await stage([controller]);
    const informer = informers?.of(configMaps);
    await informer?.synced;
    const name = { namespace: "default", name: "map" };
    const made = await play.client.create(configMaps, {
      metadata: { ...name, labels: { a: "b" } },
      data: { secret: "x" },
    });
    await play.settled();
    const seen: KubeObject = { apiVersion: "meta.k8s.io/v1", kind: "PartialObjectMetadata" };
    expect(informer?.get("default/map")).toEqual({ ...seen, metadata: made.metadata });
    expect(informers?.of(configMaps)).toBe(informer);
    informers?.stop(configMaps);
    await play.client.delete(configMaps, name);
    await play.settled();
    expect(informer?.get("default/map")).toBeDefined();
    expect(informers?.of(configMaps)).not.toBe(informer);
  });
});
