import { expect, it } from "vitest";
import type { ResourceTarget, Target } from "../../pipeline/stages.ts";
import { createLoadingGate } from "./loading-gate.ts";

const loaded = Promise.resolve();

function on(verb: ResourceTarget["verb"], group: string, resource: string): Target {
  return { type: "resource", verb, group, version: "v1", resource, subresource: "", tail: "", namespace: "", name: "" };
}

/** Whether a request waits for the definitions, while they are being loaded. */
async function waits(target: Target, path: string, admissionNeedsAll: boolean): Promise<boolean> {
  let asked = false;
  const load = (): Promise<void> => {
    asked = true;
    return loaded;
  };
  await createLoadingGate({
    resources: { isLoaded: false, load },
    isBuiltin: ({ group }) => group !== "example.com",
    admissionNeedsAll: () => Promise.resolve(admissionNeedsAll),
  })({ target, path });
  return asked;
}

const outside: Target = { type: "nonResource", verb: "get" };

it.each<[what: string, target: Target, path: string, waits: boolean, withPolicies: boolean]>([
  ["reads of a custom kind", on("list", "example.com", "boats"), "", true, true],
  ["writes of a custom kind", on("create", "example.com", "boats"), "", true, true],
  ["definitions", on("watch", "apiextensions.k8s.io", "customresourcedefinitions"), "", true, true],
  ["reads of a built-in kind", on("watch", "", "pods"), "", false, false],
  ["writes of a built-in kind", on("create", "", "pods"), "", false, true],
  ["discovery", outside, "/apis", true, true],
  ["OpenAPI", outside, "/openapi/v3", true, true],
  ["health", outside, "/readyz/etcd", false, false],
  ["metrics", outside, "/metrics", false, false],
])("%s", async (_, target, path, alone, withPolicies) => {
  expect([await waits(target, path, false), await waits(target, path, true)]).toEqual([alone, withPolicies]);
});

it("nothing waits once they are loaded", () => {
  const gate = createLoadingGate({
    resources: { isLoaded: true, load: () => loaded },
    isBuiltin: () => false,
    admissionNeedsAll: () => Promise.resolve(true),
  });
  expect(gate({ target: on("create", "example.com", "boats"), path: "" })).toBeUndefined();
});
