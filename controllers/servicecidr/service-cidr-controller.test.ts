import { describe, expect, it } from "vitest";
import type { IPAddress, ServiceCIDR } from "../../api/generated/types/networking-v1.ts";
import type { DeepReadonly } from "../../api/machinery/object.ts";
import { ApiError } from "../../api/machinery/status.ts";
import { ipAddresses, serviceCidrs } from "../../client/resource-types.ts";
import { failingAt } from "../failing-at.testing.ts";
import { names, stage, type Stage } from "../stage.testing.ts";
import { mayGo, overlaps } from "./coverage.ts";
import { serviceCidrController } from "./service-cidr-controller.ts";

const cidr = (name: string, ...cidrs: string[]): ServiceCIDR => ({ metadata: { name }, spec: { cidrs } });
const address = (name: string): IPAddress => ({
  metadata: {
    name,
    labels: { "ipaddress.kubernetes.io/managed-by": "ipallocator.k8s.io", "ipaddress.kubernetes.io/ip-family": "IPv4" },
  },
  spec: { parentRef: { resource: "services", namespace: "default", name: "web" } },
});
const readyOf = (object: DeepReadonly<ServiceCIDR>): unknown => object.status?.conditions?.[0];
const find = ({ client }: Stage, name: string) => client.get(serviceCidrs, { name });

describe("a ServiceCIDR", () => {
  it("is protected and ready", async () => {
    await using play = await stage([serviceCidrController]);
    await play.client.create(serviceCidrs, cidr("more", "192.168.0.0/24"));
    await play.settled();
    const ready = { type: "Ready", status: "True", reason: "", message: "Kubernetes Service CIDR is ready" };
    const made = await find(play, "more");
    expect(made.metadata?.finalizers).toEqual(["networking.k8s.io/service-cidr-finalizer"]);
    expect(readyOf(made)).toMatchObject(ready);
    expect(readyOf(await find(play, "kubernetes"))).toMatchObject(ready);
  });

  it("goes only when no Service has an address of it, and not at once", async () => {
    await using play = await stage([serviceCidrController]);
    await play.client.create(serviceCidrs, cidr("more", "192.168.0.0/24"));
    await play.client.create(ipAddresses, address("192.168.0.7"));
    await play.settled();
    await play.client.delete(serviceCidrs, { name: "more" });
    await play.clock.advance(60_000);
    expect(readyOf(await find(play, "more"))).toMatchObject({
      status: "False",
      reason: "Terminating",
      message:
        "There are still IPAddresses referencing the ServiceCIDR, please remove them or create a new ServiceCIDR",
    });
    await play.client.delete(ipAddresses, { name: "192.168.0.7" });
    await play.settled();
    expect(names(await play.client.list(serviceCidrs))).toEqual(["kubernetes"]);
    await play.client.create(serviceCidrs, cidr("other", "192.168.1.0/24"));
    await play.settled();
    await play.client.delete(serviceCidrs, { name: "other" });
    await play.clock.advance(9_000);
    expect(names(await play.client.list(serviceCidrs))).toEqual(["kubernetes", "other"]);
    await play.clock.advance(2_000);
    expect(names(await play.client.list(serviceCidrs))).toEqual(["kubernetes"]);
  });

  it("goes when another one takes its addresses over", async () => {
    await using play = await stage([serviceCidrController]);
    await play.client.create(serviceCidrs, cidr("small", "192.168.0.0/24"));
    await play.client.create(ipAddresses, address("192.168.0.7"));
    await play.settled();
    await play.client.delete(serviceCidrs, { name: "small" });
    await play.clock.advance(60_000);
    expect((await find(play, "small")).metadata?.deletionTimestamp).toBeDefined();
    await play.client.create(serviceCidrs, cidr("large", "192.168.0.0/16"));
    await play.settled();
    await expect(find(play, "small")).rejects.toThrow(ApiError);
  });

  it.each([0, 1])("comes right though write %i fails and the controller starts anew", async (at) => {
    const failing = failingAt("unanswered");
    await using play = await stage([serviceCidrController], { through: failing.through });
    failing.arm("", at);
    await play.client.create(serviceCidrs, cidr("more", "192.168.0.0/24"));
    await play.restart();
    await play.clock.advance(1000);
    expect(failing.failures).toBe(1);
    expect(readyOf(await find(play, "more"))).toMatchObject({ status: "True" });
  });
});

describe("ranges", () => {
  it.each([
    ["one in another", cidr("a", "10.0.0.0/16"), cidr("b", "10.0.1.0/24"), true],
    ["the second family", cidr("a", "10.0.0.0/16", "fd00::/108"), cidr("b", "10.1.0.0/16", "fd00::/112"), true],
    ["neighbours", cidr("a", "10.0.0.0/16"), cidr("b", "10.1.0.0/16"), false],
  ])("overlap: %s", (_what, one, other, expected) => {
    expect(overlaps(one, other)).toBe(expected);
    expect(overlaps(other, one)).toBe(expected);
  });

  it.each([
    ["all its addresses are elsewhere too", [cidr("b", "10.0.0.0/8")], [address("10.0.0.1")], true],
    ["this address is elsewhere too", [cidr("b", "10.0.0.0/24")], [address("10.0.0.1")], true],
    ["this address is nowhere else", [cidr("b", "10.0.0.0/24")], [address("10.0.1.1")], false],
    ["the address is no Service's", [], [{ ...address("10.0.0.1"), metadata: { name: "10.0.0.1" } }], true],
    ["the address is of another range", [], [address("10.1.0.1")], true],
  ])("may go: %s", (_what, others, addresses, expected) => {
    const own = cidr("a", "10.0.0.0/16");
    expect(mayGo(own, [own, ...others], addresses)).toBe(expected);
  });
});
