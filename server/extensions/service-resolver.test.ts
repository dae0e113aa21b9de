import { describe, expect, it } from "vitest";
import type { Random } from "../../base/random.ts";
import { holding } from "../admission/objects.testing.ts";
import { createServiceResolver } from "./service-resolver.ts";

const last: Random = { uuid: () => "", integer: (below) => below - 1 };
const service = (spec: object): object => ({ metadata: { name: "hook", namespace: "ns" }, spec });
const slice = (of: string, more: object): object => ({
  metadata: { name: `${of}-1`, namespace: "ns", labels: { "kubernetes.io/service-name": of } },
  addressType: "IPv4",
  ...more,
});
const ports = [
  { port: 443, name: "https" },
  { port: 80, name: "http" },
];
const slicePorts = [
  { name: "http", port: 8080 },
  { name: "https", port: 8443 },
];

const resolve = (services: readonly object[], slices: readonly object[], port = 443): Promise<unknown> =>
  createServiceResolver({
    reader: holding({ services, "endpointslices.discovery.k8s.io": slices }),
    random: last,
  })({ namespace: "ns", name: "hook", port });

describe("a service", () => {
  it("is dialled at one of its ready endpoints, at the port of the same name", async () => {
    const endpoints = [
      { addresses: ["10.0.0.1"] },
      { addresses: ["10.0.0.2"], conditions: { ready: true } },
      { addresses: ["10.0.0.3"], conditions: { ready: false } },
    ];
    const slices = [slice("other", { endpoints, ports: slicePorts }), slice("hook", { endpoints, ports: slicePorts })];
    expect(await resolve([service({ ports })], slices)).toEqual({ host: "10.0.0.2", port: 8443 });
    expect(await resolve([service({ ports })], slices, 80)).toEqual({ host: "10.0.0.2", port: 8080 });
    expect(await resolve([service({ ports, clusterIP: "None" })], slices)).toEqual({ host: "10.0.0.2", port: 8443 });
  });

  it("has one port without a name", async () => {
    const slices = [slice("hook", { endpoints: [{ addresses: ["fd00::1"] }], ports: [{ port: 1 }] })];
    expect(await resolve([service({ ports: [{ port: 443 }] })], slices)).toEqual({ host: "fd00::1", port: 1 });
  });

  it("may stand for a name outside", async () => {
    expect(await resolve([service({ type: "ExternalName", externalName: "hooks.example.com" })], [], 9443)).toEqual({
      host: "hooks.example.com",
      port: 9443,
    });
  });
});

it.each([
  ["is not there", [], [], 'service "hook" not found', 404],
  ["has no such port", [service({ ports: [{ port: 80 }] })], [], 'no service port 443 found for service "hook"', 503],
  ["has no endpoints", [service({ ports })], [], 'no endpoints available for service "hook"', 503],
  [
    "has none that is ready",
    [service({ ports })],
    [slice("hook", { endpoints: [{ addresses: ["10.0.0.1"], conditions: { ready: false } }], ports: slicePorts })],
    'no endpoints available for service "hook"',
    503,
  ],
  [
    "has none with the port",
    [service({ ports })],
    [slice("hook", { endpoints: null, ports: [{ name: "http", port: 1 }] })],
    'no endpoints available for service "hook"',
    503,
  ],
])("says so when it %s", async (_what, services, slices, message, code) => {
  await expect(resolve(services, slices)).rejects.toMatchObject({ message, code });
});
