import { describe, expect, it } from "vitest";
import { ApiError } from "../../api/machinery/status.ts";
import { apiServices, customResourceDefinitions } from "../../client/resource-types.ts";
import type { Controller } from "../controller.ts";
import { stage } from "../stage.testing.ts";
import { type KnownResources, watchResources } from "./known-resources.ts";

function watching(): { readonly controller: Controller; readonly known: () => KnownResources } {
  let known: KnownResources | undefined;
  return {
    controller: { name: "watching", start: (deps) => void (known = watchResources(deps)) },
    known() {
      if (known === undefined) throw new Error("not started");
      return known;
    },
  };
}

const widgets = {
  metadata: { name: "widgets.example.com" },
  spec: {
    group: "example.com",
    scope: "Namespaced",
    names: { plural: "widgets", singular: "widget", kind: "Widget", listKind: "WidgetList" },
    versions: [{ name: "v1", served: true, storage: true, schema: { openAPIV3Schema: { type: "object" } } }],
  },
};

describe("the resources that there are", () => {
  it("are known from the start, and custom ones as they come and go", async () => {
    const { controller, known } = watching();
    await using play = await stage([controller]);
    expect(known().ofKind("apps/v1", "Deployment")).toMatchObject({ plural: "deployments", scope: "Namespaced" });
    expect(known().preferred("horizontalpodautoscalers.autoscaling")?.version).toBe("v2");
    expect(known().preferred("pods")?.subresources).toContain("status");
    await play.client.create(customResourceDefinitions, widgets);
    await play.clock.advance(2_000);
    expect(known().ofKind("example.com/v1", "Widget")?.plural).toBe("widgets");
    expect(known().isFresh).toBe(true);
    await play.client.delete(customResourceDefinitions, { name: "widgets.example.com" });
    await play.clock.advance(2_000);
    expect(known().ofKind("example.com/v1", "Widget")).toBeUndefined();
  });

  it("stay known while their server does not answer, and while nobody answers", async () => {
    const { controller, known } = watching();
    let isDown = false;
    let isStale = false;
    const list = () => ({
      items: [
        {
          metadata: { name: "far.io" },
          versions: [
            isStale
              ? { version: "v1", freshness: "Stale" }
              : {
                  version: "v1",
                  resources: [{ resource: "as", responseKind: { kind: "A" }, scope: "Cluster", verbs: [] }],
                },
          ],
        },
      ],
    });
    await using play = await stage([controller], {
      through: (transport) => async (request) => {
        if (isDown) throw new ApiError("ServiceUnavailable", "down");
        if (request.url !== "/apis") return transport(request);
        return { status: 200, headers: {}, body: { type: "bytes", bytes: Buffer.from(JSON.stringify(list())) } };
      },
    });
    const service = { group: "far.io", version: "v1", groupPriorityMinimum: 1, versionPriority: 1 };
    await play.client.create(apiServices, {
      metadata: { name: "v1.far.io" },
      spec: { ...service, insecureSkipTLSVerify: true, service: { namespace: "default", name: "nowhere" } },
    });
    await play.settled();
    expect(known().current?.failed.size).toBe(0);
    isStale = true;
    // What servers elsewhere have is asked for twice a minute.
    await play.clock.advance(35_000);
    expect(known().current?.failed.has("far.io/v1")).toBe(true);
    expect(known().ofKind("far.io/v1", "A")?.plural).toBe("as");
    isDown = true;
    await play.clock.advance(35_000);
    expect(known().isFresh).toBe(false);
    expect(known().ofKind("far.io/v1", "A")?.plural).toBe("as");
  });
});
