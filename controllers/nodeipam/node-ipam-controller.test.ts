import { describe, expect, it } from "vitest";
import type { Node } from "../../api/generated/types/core-v1.ts";
import { nodes, serviceCidrs } from "../../client/resource-types.ts";
import { recording } from "../endpoints/recording.testing.ts";
import { failingAt } from "../failing-at.testing.ts";
import { stage, type Stage } from "../stage.testing.ts";
import { nodeIpamController } from "./node-ipam-controller.ts";

const node = (name: string, ...podCIDRs: string[]): Node => ({
  metadata: { name },
  ...(podCIDRs.length === 0 ? {} : { spec: { podCIDR: podCIDRs[0] ?? "", podCIDRs } }),
});

async function rangesOf({ client, settled }: Stage): Promise<Record<string, readonly string[] | undefined>> {
  await settled();
  return Object.fromEntries((await client.list(nodes)).map(({ metadata, spec }) => [metadata?.name, spec?.podCIDRs]));
}

const small = { podRanges: ["10.244.0.0/23"] };

describe("nodes", () => {
  it("get a range of each family, that nobody else has", async () => {
    const config = { podRanges: ["10.244.0.0/16", "fd00::/56"] };
    await using play = await stage([nodeIpamController], { config });
    await play.client.create(nodes, node("brought", "10.244.0.0/24"));
    await play.client.create(nodes, node("elsewhere", "172.16.0.0/24"));
    await play.client.create(nodes, node("a"));
    await play.client.create(nodes, node("b"));
    const ranges = await rangesOf(play);
    expect(ranges).toMatchObject({ brought: ["10.244.0.0/24"], elsewhere: ["172.16.0.0/24"] });
    expect([ranges["a"], ranges["b"]]).toEqual([
      ["10.244.1.0/24", "fd00::/64"],
      ["10.244.2.0/24", "fd00:0:0:1::/64"],
    ]);
    expect((await play.client.get(nodes, { name: "a" })).spec?.podCIDR).toBe("10.244.1.0/24");
  });

  it("wait for a range where none is left, and are told so", async () => {
    const events: string[] = [];
    await using play = await stage([recording(nodeIpamController, events)], { config: small });
    for (const name of ["a", "b", "c"]) await play.client.create(nodes, node(name));
    expect(await rangesOf(play)).toMatchObject({ a: ["10.244.0.0/24"], b: ["10.244.1.0/24"], c: undefined });
    expect(events[0]).toBe("Normal CIDRNotAvailable Node/c: Node c status is now: CIDRNotAvailable");
    await play.client.delete(nodes, { name: "a" });
    expect(await rangesOf(play)).toEqual({ b: ["10.244.1.0/24"], c: ["10.244.0.0/24"] });
  });

  it("do not get what is known only from before a restart, nor what Services have", async () => {
    await using play = await stage([nodeIpamController], { config: small });
    await play.client.create(nodes, node("a"));
    await play.settled();
    await play.client.create(serviceCidrs, { metadata: { name: "more" }, spec: { cidrs: ["10.244.1.0/25"] } });
    await play.restart();
    await play.client.create(nodes, node("b"));
    expect(await rangesOf(play)).toEqual({ a: ["10.244.0.0/24"], b: undefined });
    await play.client.delete(serviceCidrs, { name: "more" });
    await play.client.patch(serviceCidrs, { name: "more" }, { metadata: { finalizers: null } }).catch(() => {});
    await play.clock.advance(60_000);
    expect(await rangesOf(play)).toEqual({ a: ["10.244.0.0/24"], b: ["10.244.1.0/24"] });
  });

  it.each(["unsent", "unanswered"] as const)("get one range only though a write is %s", async (how) => {
    const failing = failingAt(how);
    await using play = await stage([nodeIpamController], { config: small, through: failing.through });
    failing.arm("", 0);
    await play.client.create(nodes, node("a"));
    await play.clock.advance(1000);
    await play.client.create(nodes, node("b"));
    expect(await rangesOf(play)).toEqual({ a: ["10.244.0.0/24"], b: ["10.244.1.0/24"] });
    expect(failing.failures).toBe(1);
  });

  it("get nothing where there is nothing to give", async () => {
    await using play = await stage([nodeIpamController], { config: { podRanges: [] } });
    await play.client.create(nodes, node("a"));
    expect(await rangesOf(play)).toEqual({ a: undefined });
  });
});
