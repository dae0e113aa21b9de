import { describe, expect, it } from "vitest";
import { registry } from "../../api/registry.ts";
import type { ApiRequest } from "../../api/wire.ts";
import { createDiscovery } from "./discovery.ts";
import { textResponse } from "./entity.ts";
import { groupsOf } from "./groups.ts";
import { mergedGroups } from "./merged-groups.ts";
import { nothingRegistered, type Registration, type RemoteGroupVersion } from "./registered.ts";
import { versionInfo } from "./version-info.ts";

const local = groupsOf(registry);

function registration(group: string, version: string, more: Partial<Registration> = {}): Registration {
  return { group, version, isRemote: true, groupPriority: 1000, versionPriority: 15, ...more };
}

const merged = (...registrations: readonly Registration[]): readonly string[] =>
  mergedGroups(local, registrations).map(({ name, versions }) =>
    [name, ...versions.map(({ version, isRemote }) => `${version}${isRemote === true ? "*" : ""}`)].join(" "),
  );

describe("groups", () => {
  it("are ours when nothing is registered", () => {
    expect(mergedGroups(local, [])).toBe(local);
    expect(merged(registration("apps", "v1", { isRemote: false, groupPriority: 17_800 }))).toEqual(merged());
  });

  it("are joined by remote ones, whose priorities decide", () => {
    expect(merged(registration("x.io", "v1"), registration("y.io", "v1", { groupPriority: 17_790 }))).toEqual(
      merged()
        .toSpliced(merged().indexOf("apps v1") + 1, 0, "y.io v1*")
        .concat("x.io v1*"),
    );
  });

  it("hold versions in the order of their priorities, then of their names", () => {
    expect(
      merged(
        registration("x.io", "v1beta1", { versionPriority: 20 }),
        registration("x.io", "v1"),
        registration("x.io", "v2"),
      ).at(-1),
    ).toBe("x.io v1beta1* v2* v1*");
  });

  it("lose versions that others answer for", () => {
    expect(merged(registration("autoscaling", "v1", { groupPriority: 17_500 }))).toContain("autoscaling v2 v1*");
  });
});

describe("discovery of groups that others answer for", () => {
  let version = 0;
  let registrations: readonly Registration[] = [];
  let remote: readonly RemoteGroupVersion[] = [];
  const discovery = createDiscovery({
    rows: () => registry,
    rowsVersion: () => version,
    registered: {
      ...nothingRegistered,
      registrations: () => registrations,
      discovery: () => Promise.resolve(remote),
    },
    version: versionInfo({ version: "v20.19.0", platform: "linux", arch: "x64" }),
    healthChecks: () => [],
    openApi: { answer: async () => textResponse(200, "") },
    metrics: async () => textResponse(200, ""),
    serverAddress: () => "127.0.0.1:6443",
  });
  const aggregated = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList";

  async function group(name: string): Promise<unknown> {
    const request: ApiRequest = {
      method: "GET",
      url: "/apis",
      headers: { accept: aggregated },
      signal: new AbortController().signal,
      peer: { address: "" },
    };
    const answer = await discovery.answer(request, "/apis");
    if (answer?.body.type !== "bytes") throw new Error("expected bytes");
    const { items } = JSON.parse(Buffer.from(answer.body.bytes).toString()) as {
      items: readonly { metadata: { name: string }; versions: unknown }[];
    };
    return items.find(({ metadata }) => metadata.name === name)?.versions;
  }

  it("changes with them", async () => {
    expect(await group("x.io")).toBeUndefined();
    registrations = [registration("x.io", "v1")];
    expect(await group("x.io")).toEqual([{ version: "v1", freshness: "Stale" }]);
    const resources = [{ resource: "things", verbs: ["get"] }];
    remote = [{ group: "x.io", version: "v1", resources, freshness: "Current" }];
    expect(await group("x.io")).toEqual([{ version: "v1", resources, freshness: "Current" }]);
    version += 1;
    registrations = [];
    expect(await group("x.io")).toBeUndefined();
  });
});
