import { describe, expect, it } from "vitest";
import { nodes } from "../../client/resource-types.ts";
import { stage } from "../stage.testing.ts";
import { stepFor, ttlController } from "./ttl-controller.ts";

describe("the TTL of nodes", () => {
  it("is written on every node, and again when somebody changes it", async () => {
    await using play = await stage([ttlController]);
    const { client } = play;
    await client.create(nodes, { metadata: { name: "one" } });
    await play.settled();
    const annotations = async () => (await client.get(nodes, { name: "one" })).metadata?.annotations;
    expect(await annotations()).toEqual({ "node.alpha.kubernetes.io/ttl": "0" });
    await client.patch(
      nodes,
      { name: "one" },
      { metadata: { annotations: { "node.alpha.kubernetes.io/ttl": "nonsense" } } },
    );
    await play.settled();
    expect(await annotations()).toEqual({ "node.alpha.kubernetes.io/ttl": "0" });
  });

  it.each([
    [100, 0, 0],
    [101, 0, 1],
    [90, 1, 1],
    [89, 1, 0],
    [5000, 0, 4],
    [1, 4, 0],
  ])("with %d nodes goes from step %d to %d", (size, before, after) => expect(stepFor(size, before)).toBe(after));
});
