import { afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { APIService, APIServiceCondition } from "../../../api/generated/types/apiregistration-v1.ts";
import { createPki } from "../../../certs/ensure-pki.ts";
import type { Pki } from "../../../certs/pki.ts";
import { serviceAt } from "../service-objects.testing.ts";
import { apiServiceResource, remoteApiService, startRemote, type RemoteTrial } from "./remote.testing.ts";

let pki: Pki;
let trial: RemoteTrial;
beforeAll(async () => {
  pki = await createPki({ serviceAddress: "10.96.0.1" });
});
beforeEach(async () => {
  trial = await startRemote(pki, () => ({ body: { kind: "APIResourceList" } }));
});
afterEach(() => trial[Symbol.asyncDispose]());

const condition = async (): Promise<APIServiceCondition | undefined> => {
  await trial.aggregation.look();
  const found = await trial.objects.find<APIService>(apiServiceResource, "", "v1.example.com");
  return found?.status?.conditions?.[0];
};
const slices = "endpointslices.discovery.k8s.io";

describe("a remote server", () => {
  it("is available when it answers", async () => {
    expect(await condition()).toMatchObject({ status: "True", reason: "Passed", message: "all checks passed" });
    expect(trial.server.received[0]).toMatchObject({
      url: "/apis/example.com/v1",
      clientName: "front-proxy-client",
      headers: { "x-remote-user": "system:kube-aggregator", "x-remote-group": "system:masters" },
    });
  });

  it.each<[string, () => void, string, string]>([
    [
      "has no service",
      () => trial.objects.remove("services", "default", "hook"),
      "ServiceNotFound",
      'service/hook in "default" is not present',
    ],
    [
      "has a service without its port",
      () => trial.objects.put("services", serviceAt("hook", 444, 1)["services"]?.[0] ?? {}),
      "ServicePortError",
      'service/hook in "default" is not listening on port 443',
    ],
    [
      "has no endpoints",
      () => trial.objects.remove(slices, "default", "hook-x"),
      "EndpointsNotFound",
      'cannot find endpointslices for service/hook in "default"',
    ],
    [
      "has none that is ready",
      () => {
        const slice: object = { ...serviceAt("hook", 443, 1)[slices]?.[0], endpoints: [] };
        trial.objects.put(slices, slice);
      },
      "MissingEndpoints",
      'endpointslices for service/hook in "default" have no addresses with port name "https"',
    ],
  ])("is not when it %s", async (_what, change, reason, message) => {
    change();
    expect(await condition()).toMatchObject({ status: "False", reason, message });
    expect(trial.server.received).toEqual([]);
  });

  it("is not when it fails", async () => {
    trial.server.answer(() => ({ status: 404 }));
    const url = `https://127.0.0.1:${trial.server.port}/apis/example.com/v1`;
    expect(await condition()).toMatchObject({
      status: "False",
      reason: "FailedDiscoveryCheck",
      message: `failing or missing response from ${url}: bad status from ${url}: 404`,
    });
    await trial.server[Symbol.asyncDispose]();
    trial.clock.advance(60_000);
    expect(await condition()).toMatchObject({
      message: expect.stringMatching(
        /^failing or missing response from \S+: Get "\S+": dial tcp \S+: connect: connection refused$/,
      ),
    });
    trial = await startRemote(pki, () => ({}));
  });
});

describe("a check", () => {
  it("comes again in its time, sooner after a failure, and at once when something changes", async () => {
    const asked = (): number => trial.server.received.length;
    await condition();
    const once = asked();
    await condition();
    expect(asked()).toBe(once);
    trial.clock.advance(40_000);
    trial.server.answer(() => ({ status: 500 }));
    expect(await condition()).toMatchObject({ status: "False" });
    trial.server.answer(() => ({}));
    expect(await condition()).toMatchObject({ status: "False" });
    trial.clock.advance(1_000);
    expect(await condition()).toMatchObject({ status: "True" });
    trial.objects.remove("services", "default", "hook");
    expect(await condition()).toMatchObject({ reason: "ServiceNotFound" });
  });

  it("keeps the time since when it is so", async () => {
    trial.server.answer(() => ({ status: 500 }));
    const first = await condition();
    trial.server.answer(() => ({ status: 501 }));
    trial.clock.advance(10_000);
    const second = await condition();
    expect(second?.message).not.toBe(first?.message);
    expect(second?.lastTransitionTime).toBe(first?.lastTransitionTime);
    trial.server.answer(() => ({}));
    trial.clock.advance(10_000);
    expect((await condition())?.lastTransitionTime).not.toBe(first?.lastTransitionTime);
  });

  it("finds an APIService without a service available", async () => {
    const { metadata } = remoteApiService();
    const object: object = { metadata, spec: { group: "example.com", version: "v1" } };
    trial.objects.put(apiServiceResource, object);
    expect(await condition()).toMatchObject({ status: "True", reason: "Local" });
  });
});

describe("discovery of a remote server", () => {
  const found = async (): Promise<unknown> => {
    trial.objects.put(apiServiceResource, remoteApiService());
    const [one] = await trial.aggregation.discovery();
    return one;
  };

  it("comes from its aggregated document", async () => {
    const resource = {
      resource: "things",
      responseKind: { group: "", version: "", kind: "Thing" },
      scope: "Namespaced",
      singularResource: "thing",
      verbs: ["get"],
      shortNames: ["th"],
      subresources: [
        { subresource: "status", responseKind: { group: "", version: "", kind: "Thing" }, verbs: ["get"] },
      ],
    };
    trial.server.answer(() => ({
      headers: { "content-type": "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList" },
      body: { items: [{ metadata: { name: "example.com" }, versions: [{ version: "v1", resources: [resource] }] }] },
    }));
    expect(await found()).toEqual({
      group: "example.com",
      version: "v1",
      freshness: "Current",
      resources: [resource],
    });
  });

  it("comes from its list of resources, when it has no other", async () => {
    const things = { singularName: "", namespaced: true, kind: "Thing", verbs: ["list"] };
    trial.server.answer(({ url }) =>
      url === "/apis/example.com/v1"
        ? {
            body: {
              resources: [
                { name: "things", ...things },
                { name: "things/scale", group: "autoscaling", version: "v1", ...things, kind: "Scale" },
              ],
            },
          }
        : { status: 404 },
    );
    expect(await found()).toMatchObject({
      freshness: "Current",
      resources: [
        {
          resource: "things",
          scope: "Namespaced",
          responseKind: { kind: "Thing" },
          subresources: [
            { subresource: "scale", responseKind: { group: "autoscaling", version: "v1", kind: "Scale" } },
          ],
        },
      ],
    });
  });

  it("is kept until something changes or a minute is over", async () => {
    trial.server.answer(() => ({ body: { resources: [] } }));
    await found();
    const asked = trial.server.received.length;
    await trial.aggregation.discovery();
    expect(trial.server.received.length).toBe(asked);
    trial.clock.advance(60_000);
    await trial.aggregation.refresh();
    expect(trial.server.received.length).toBeGreaterThan(asked);
  });

  it("is what it was while the server is asked again, and the same array when nothing changed", async () => {
    const things = (kind: string): object => ({ resources: [{ name: "things", kind, verbs: ["get"] }] });
    trial.server.answer(({ url }) => (url === "/apis" ? { status: 404 } : { body: things("Thing") }));
    await found();
    const before = await trial.aggregation.discovery();
    trial.clock.advance(60_000);
    await trial.aggregation.refresh();
    expect(await trial.aggregation.discovery()).toBe(before);
    trial.server.answer(({ url }) => (url === "/apis" ? { status: 404 } : { body: things("Other") }));
    trial.clock.advance(60_000);
    expect(await trial.aggregation.discovery()).toBe(before);
    await trial.aggregation.refresh();
    expect(await trial.aggregation.discovery()).toMatchObject([{ resources: [{ responseKind: { kind: "Other" } }] }]);
  });

  it.each([
    ["fails", { status: 500 }],
    ["answers nonsense", { body: "<html>" }],
  ])("is stale when it %s", async (_what, reply) => {
    trial.server.answer(() => reply);
    expect(await found()).toMatchObject({ freshness: "Stale", resources: [] });
  });
});

describe("OpenAPI of a remote server", () => {
  const root = "/apis/example.com/v1";
  const at = `/openapi/v3${root}?hash=A`;
  const reference = (name: string): object => ({ $ref: `#/definitions/${name}` });
  const operation = { responses: { 200: { description: "OK", schema: reference("Thing") } } };
  const swagger = {
    swagger: "2.0",
    paths: { [`${root}/things`]: { get: operation }, "/apis/other/v1": { get: operation } },
    definitions: { Thing: { properties: { part: reference("Part"), self: reference("Thing") } }, Part: {}, Alone: {} },
  };

  it("leads to its v3 document", async () => {
    const paths = { "apis/example.com/v1": { serverRelativeURL: at }, version: { serverRelativeURL: "/x" } };
    trial.server.answer(() => ({ body: { paths } }));
    expect(await trial.aggregation.openApiV3()).toEqual([{ name: "apis/example.com/v1", serverRelativeURL: at }]);
  });

  it("is what its v2 document says of the group-version", async () => {
    trial.server.answer(() => ({ body: swagger }));
    await trial.aggregation.refresh();
    expect(trial.aggregation.openApiV2()).toEqual([
      {
        hash: expect.any(String),
        bytes: expect.any(Number),
        paths: { [`${root}/things`]: { get: operation } },
        definitions: { Thing: swagger.definitions.Thing, Part: {} },
        parameters: {},
      },
    ]);
  });

  it.each([
    ["fails", { status: 500 }],
    ["is text", { body: "<html>" }],
    ["has paths that are none", { body: { ...swagger, paths: { [`${root}/things`]: { get: 1 } } } }],
  ])("is left out when it %s", async (_what, reply) => {
    trial.server.answer(() => reply);
    await trial.aggregation.refresh();
    expect(trial.aggregation.openApiV2()).toEqual([]);
    expect(await trial.aggregation.openApiV3()).toEqual([
      { name: "apis/example.com/v1", serverRelativeURL: undefined },
    ]);
  });
});
