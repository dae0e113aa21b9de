import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import type { ServicePort, ServiceSpec } from "../../api/generated/types/core-v1.ts";
import { http, messageOf, startTrial, type Trial } from "./trial.testing.ts";

const range = { first: 30_000, last: 30_019 };
const tcp: ServicePort = { name: "tcp", port: 53 };
const udp: ServicePort = { name: "udp", port: 53, protocol: "UDP" };

function onNodes(...ports: ServicePort[]): ServiceSpec {
  return { type: "NodePort", ports };
}

function balanced(more: ServiceSpec = {}): ServiceSpec {
  return { type: "LoadBalancer", ports: [http], ...more };
}

function nodePorts({ ports = [] }: ServiceSpec): (number | undefined)[] {
  return ports.map(({ nodePort }) => nodePort);
}

describe("node ports", () => {
  let trial: Trial;
  beforeAll(async () => {
    trial = await startTrial({ nodePorts: range });
  });
  afterEach(async () => {
    for (const { metadata } of await trial.list())
      if (metadata?.name !== "kubernetes") await trial.remove(metadata?.name ?? "");
    // Nothing is left of what the test took.
    expect(await free()).toEqual(Array.from({ length: 20 }, (_, index) => range.first + index));
  });
  afterAll(() => trial[Symbol.asyncDispose]());

  /** Which ports can be had, found out without taking one. */
  async function free(): Promise<number[]> {
    const found: number[] = [];
    for (let nodePort = range.first; nodePort <= range.last; nodePort += 1)
      if ((await trial.refusal("probe", onNodes({ ...http, nodePort }), "?dryRun=All")) === "created")
        found.push(nodePort);
    return found;
  }

  test("are handed out from the upper band first, until there are no more", async () => {
    const names = Array.from({ length: 20 }, (_, index) => `many-${index}`);
    const upper = await Promise.all(names.slice(0, 4).map((name) => trial.create(name, onNodes(http))));
    expect(upper.flatMap(nodePorts).sort()).toEqual([30_016, 30_017, 30_018, 30_019]);
    const lower = await Promise.all(names.slice(4).map((name) => trial.create(name, onNodes(http))));
    expect(new Set([...upper, ...lower].flatMap(nodePorts)).size).toBe(20);
    expect(await trial.refusal("more", onNodes(http))).toBe(
      "Internal error occurred: failed to allocate a nodePort: range is full",
    );
    await trial.remove("many-7");
    expect(await trial.create("more", onNodes(http))).toMatchObject({
      ports: [{ nodePort: lower[3]?.ports?.[0]?.nodePort }],
    });
  });

  test("that are asked for are given when they are free and in the range", async () => {
    expect(nodePorts(await trial.create("web", onNodes({ ...http, nodePort: 30_003 })))).toEqual([30_003]);
    expect(await trial.refusal("other", onNodes(tcp, { ...http, nodePort: 30_003 }))).toBe(
      'Service "other" is invalid: spec.ports[1].nodePort: Invalid value: 30003: provided port is already allocated',
    );
    expect(await trial.refusal("other", onNodes({ ...http, nodePort: 30_020 }))).toBe(
      'Service "other" is invalid: spec.ports[0].nodePort: Invalid value: 30020: provided port is not in the valid range. The range of valid ports is 30000-30019',
    );
  });

  test("are asked for by twenty and given to one", async () => {
    const names = Array.from({ length: 20 }, (_, index) => `rival-${index}`);
    const said = await Promise.all(names.map((name) => trial.refusal(name, onNodes({ ...http, nodePort: 30_005 }))));
    expect(said.filter((one) => one === "created")).toHaveLength(1);
  });

  test("are shared by the protocols of one port", async () => {
    const [first, second] = nodePorts(await trial.create("dns", onNodes(tcp, udp)));
    expect(first).toBe(second);
    expect(nodePorts(await trial.create("asked", onNodes(tcp, { ...udp, nodePort: 30_001 })))).toEqual([
      30_001, 30_001,
    ]);
    expect(
      nodePorts(await trial.create("apart", onNodes({ ...tcp, nodePort: 30_002 }, { ...udp, nodePort: 30_003 }))),
    ).toEqual([30_002, 30_003]);
  });

  test("belong to load balancers unless those do without", async () => {
    expect(nodePorts(await trial.create("with", balanced()))).toEqual([expect.any(Number)]);
    expect(nodePorts(await trial.create("without", balanced({ allocateLoadBalancerNodePorts: false })))).toEqual([
      undefined,
    ]);
    const asked = balanced({ allocateLoadBalancerNodePorts: false, ports: [{ ...http, nodePort: 30_004 }] });
    expect(nodePorts(await trial.create("asked", asked))).toEqual([30_004]);
    const kept = await trial.patch("with", { allocateLoadBalancerNodePorts: false });
    expect(nodePorts(kept)).toEqual(nodePorts(await trial.read("with")));
    expect(nodePorts(kept)).toEqual([expect.any(Number)]);
  });

  test("stay with the name of their port", async () => {
    const [kept, dropped] = nodePorts(await trial.create("web", onNodes(tcp, http)));
    const changed = await trial.replace("web", onNodes({ ...tcp, port: 5353 }, { name: "other", port: 81 }));
    expect(nodePorts(changed)[0]).toBe(kept);
    expect(nodePorts(changed)[1]).not.toBe(kept);
    expect(dropped === nodePorts(changed)[1] || (await free()).includes(dropped ?? 0)).toBe(true);
  });

  test("may be changed, and come and go with the type", async () => {
    await trial.create("web", { ports: [http] });
    expect(nodePorts(await trial.patch("web", { type: "NodePort" }))).toEqual([expect.any(Number)]);
    expect(nodePorts(await trial.replace("web", onNodes({ ...http, nodePort: 30_006 })))).toEqual([30_006]);
    expect(await free()).toHaveLength(19);
    expect(nodePorts(await trial.patch("web", { type: "ClusterIP" }))).toEqual([undefined]);
    expect(await free()).toHaveLength(20);
    expect(nodePorts(await trial.patch("web", { type: "LoadBalancer" }))).toEqual([expect.any(Number)]);
    await trial.patch("web", { type: "ExternalName", externalName: "db.example" });
  });

  test("are not lost to a change that is refused", async () => {
    await trial.create("holder", onNodes({ ...http, nodePort: 30_007 }));
    await trial.create("web", { ports: [http] });
    const wanted = onNodes({ ...tcp, nodePort: 30_008 }, { ...http, nodePort: 30_007 });
    expect(await trial.replace("web", wanted).then(String, messageOf)).toContain(
      "30007: provided port is already allocated",
    );
    const tries = await Promise.all(
      Array.from({ length: 10 }, () => trial.create("twin", onNodes(http)).then(() => "created", messageOf)),
    );
    expect(tries.filter((said) => said === "created")).toHaveLength(1);
    expect(await free()).toHaveLength(18);
  });

  test("include the health check of a load balancer with local traffic only", async () => {
    const local = await trial.create("local", balanced({ externalTrafficPolicy: "Local" }));
    expect(local.healthCheckNodePort).toBeGreaterThanOrEqual(range.first);
    expect(local.healthCheckNodePort).not.toBe(local.ports?.[0]?.nodePort);
    expect(
      await trial.refusal(
        "other",
        balanced({ externalTrafficPolicy: "Local", healthCheckNodePort: local.healthCheckNodePort ?? 0 }),
      ),
    ).toBe(
      `Internal error occurred: failed to allocate requested HealthCheck NodePort ${local.healthCheckNodePort}: provided port is already allocated`,
    );
    expect((await trial.patch("local", { sessionAffinity: "ClientIP" })).healthCheckNodePort).toBe(
      local.healthCheckNodePort,
    );
    expect(await trial.patch("local", { externalTrafficPolicy: "Cluster" })).not.toHaveProperty("healthCheckNodePort");
    expect(await free()).toContain(local.healthCheckNodePort);
    const again = await trial.patch("local", { externalTrafficPolicy: "Local", healthCheckNodePort: 30_009 });
    expect(again.healthCheckNodePort).toBe(30_009);
  });
});
