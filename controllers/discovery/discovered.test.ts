import { describe, expect, it } from "vitest";
import { discoveryFailure, readDiscovery } from "./discovered.ts";

const resource = (plural: string, kind: string, more: object = {}) => ({
  resource: plural,
  responseKind: { group: "", version: "", kind },
  scope: "Namespaced",
  verbs: ["get", "list"],
  ...more,
});

const group = (name: string, ...versions: readonly (readonly [string, readonly object[], string?])[]) => ({
  metadata: { name },
  versions: versions.map(([version, resources, freshness = "Current"]) => ({ version, resources, freshness })),
});

describe("discovery", () => {
  it("tells of each resource in each version, and which its group prefers", () => {
    const scale = { subresources: [{ subresource: "scale", verbs: ["get"] }] };
    const { resources, failed } = readDiscovery([
      { items: [{ versions: [{ version: "v1", resources: [resource("nodes", "Node", { scope: "Cluster" })] }] }] },
      {
        items: [
          group("x.io", ["v2", [resource("as", "A")]], ["v1", [resource("as", "A"), resource("bs", "B", scale)]]),
        ],
      },
    ]);
    expect(resources.map(({ type, isPreferred }) => [type.apiVersion, type.kind, type.scope, isPreferred])).toEqual([
      ["v1", "Node", "Cluster", true],
      ["x.io/v2", "A", "Namespaced", true],
      ["x.io/v1", "A", "Namespaced", false],
      ["x.io/v1", "B", "Namespaced", true],
    ]);
    expect(resources.at(-1)?.subresources).toEqual(["scale"]);
    expect(failed.size).toBe(0);
  });

  it("says in clients' words what cannot be known", () => {
    const discovered = readDiscovery([
      { items: [group("x.io", ["v1", [resource("as", "A")], "Stale"]), group("a.io", ["v1", [], "Stale"])] },
    ]);
    expect(discovered.resources).toEqual([]);
    expect(discoveryFailure(discovered)).toBe(
      "unable to retrieve the complete list of server APIs: a.io/v1: stale GroupVersion discovery: a.io/v1, x.io/v1: stale GroupVersion discovery: x.io/v1",
    );
  });

  it.each<readonly [string, unknown]>([
    ["nothing", undefined],
    ["no list", { items: "many" }],
    [
      "resources without a kind",
      { items: [group("x.io", ["v1", [{ resource: "as" }, { responseKind: { kind: "A" } }]])] },
    ],
    ["items that are none", { items: [1, null, { versions: [7] }] }],
  ])("makes nothing of %s", (_, list) => {
    expect(readDiscovery([list]).resources).toEqual([]);
  });
});
