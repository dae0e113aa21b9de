import { hostname } from "node:os";
import { expect, it } from "vitest";
import type { Lease, LeaseList } from "../api/generated/types/coordination-v1.ts";
import type { Transport } from "../api/wire.ts";
import { silentLogger } from "../base/log.ts";
import { systemRandom } from "../base/random.ts";
import { call } from "../client/call.ts";
import { startTrial } from "../server/trial.testing.ts";
import { ManualClock } from "../storage/manual-clock.testing.ts";
import { keepIdentityLease, leaseName } from "./identity-lease.ts";
import { apiServerOnly, createCluster } from "./testing.ts";

const url = "/apis/coordination.k8s.io/v1/namespaces/kube-system/leases";
const leases = async (transport: Transport): Promise<readonly Lease[]> =>
  (await call<LeaseList>(transport, { method: "GET", url })).items;

it("names a server after its host", () => {
  expect(leaseName("control-plane")).toBe("apiserver-6vzvajxlkf7lcarzgdc4jnyaru");
  expect(leaseName("other")).not.toBe(leaseName("control-plane"));
});

it("is there in a running cluster", async () => {
  await using cluster = await createCluster({ ...apiServerOnly, advertiseAddress: "fd00::1" });
  const [lease, ...others] = await leases(cluster.as({ name: "admin", groups: ["system:masters"] }));
  expect(others).toEqual([]);
  expect(lease).toMatchObject({
    metadata: {
      name: leaseName(hostname()),
      labels: { "apiserver.kubernetes.io/identity": "kube-apiserver", "kubernetes.io/hostname": hostname() },
      annotations: { "kubernetes.io/peer-advertise-address": `[fd00::1]:${cluster.port}` },
    },
    spec: {
      leaseDurationSeconds: 3600,
      holderIdentity: expect.stringMatching(/^apiserver-\w{26}_[-\da-f]{36}$/) as string,
    },
  });
});

async function trial(): Promise<
  {
    transport: Transport;
    clock: ManualClock;
    keep: (host: string) => ReturnType<typeof keepIdentityLease>;
  } & AsyncDisposable
> {
  const server = await startTrial();
  const user = { name: "system:apiserver", groups: ["system:masters"] };
  const transport: Transport = (request) => server.transport({ ...request, peer: { ...request.peer, user } });
  await server.ok("POST", "/api/v1/namespaces", { metadata: { name: "kube-system" } });
  const clock = new ManualClock(Date.UTC(2026, 0, 1));
  const common = {
    transport,
    renewMs: 10_000,
    clock,
    address: "192.0.2.1:6443",
    random: systemRandom,
    log: silentLogger,
  };
  return {
    transport,
    clock,
    keep: (host) => keepIdentityLease({ ...common, hostname: host }),
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

/** Until a renewal that was set off has been written. */
async function renewed(transport: Transport, time: string): Promise<void> {
  while (!(await leases(transport)).some(({ spec }) => spec?.renewTime === time));
}

it("is renewed every ten seconds, and gone after an orderly stop", async () => {
  await using server = await trial();
  const stop = await server.keep("host");
  const [first] = await leases(server.transport);
  expect(first?.spec?.renewTime).toBe("2026-01-01T00:00:00.000000Z");
  server.clock.advance(10_000);
  await renewed(server.transport, "2026-01-01T00:00:10.000000Z");
  await stop();
  expect(await leases(server.transport)).toEqual([]);
});

it("goes on with the lease that a killed server left behind", async () => {
  await using server = await trial();
  await server.keep("host");
  const [before] = await leases(server.transport);
  server.clock.advance(1000);
  await server.keep("host");
  expect(await leases(server.transport)).toEqual([
    expect.objectContaining({
      metadata: expect.objectContaining({ uid: before?.metadata?.uid }) as object,
      spec: { ...before?.spec, renewTime: "2026-01-01T00:00:01.000000Z" },
    }),
  ]);
});

it("makes up for a lease that somebody deleted", async () => {
  await using server = await trial();
  const stop = await server.keep("host");
  await call(server.transport, { method: "DELETE", url: `${url}/${leaseName("host")}` });
  server.clock.advance(10_000);
  await renewed(server.transport, "2026-01-01T00:00:10.000000Z");
  await stop();
});

it("takes away those of other servers that ran out, and no others", async () => {
  await using server = await trial();
  const labels = { "apiserver.kubernetes.io/identity": "kube-apiserver" };
  const make = (name: string, of: object, spec: object): Promise<unknown> =>
    call(server.transport, { method: "POST", url, body: { metadata: { name, labels: of }, spec } });
  const old = { leaseDurationSeconds: 3600, renewTime: "2025-12-31T22:59:59.000000Z" };
  await make("ran-out", labels, old);
  await make("never-renewed", labels, { leaseDurationSeconds: 3600 });
  await make("fresh", labels, { ...old, renewTime: "2025-12-31T23:59:59.000000Z" });
  await make("of-others", {}, old);
  await server.keep("Host_that is no label-");
  const left = await leases(server.transport);
  expect(left.map(({ metadata }) => metadata?.name)).toEqual([
    leaseName("Host_that is no label-"),
    "fresh",
    "of-others",
  ]);
  expect(left[0]?.metadata?.labels).toEqual(labels);
});
