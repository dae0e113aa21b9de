import { describe, expect, it } from "vitest";
import { clusterRoles } from "../../client/resource-types.ts";
import { stage, type Stage } from "../stage.testing.ts";
import { clusterRoleAggregationController } from "./clusterrole-aggregation-controller.ts";

const rule = (resource: string) => ({ apiGroups: [""], resources: [resource], verbs: ["get"] });
const rulesOf = async ({ client }: Stage, name: string) => (await client.get(clusterRoles, { name })).rules;

describe("aggregated cluster roles", () => {
  it("have the rules of all that they select, each once, in the order of their names", async () => {
    await using play = await stage([clusterRoleAggregationController]);
    const { client } = play;
    const labels = { part: "yes" };
    await client.create(clusterRoles, { metadata: { name: "b", labels }, rules: [rule("pods"), rule("nodes")] });
    await client.create(clusterRoles, { metadata: { name: "a", labels }, rules: [rule("secrets"), rule("pods")] });
    const aggregationRule = { clusterRoleSelectors: [{ matchLabels: { part: "yes" } }] };
    await client.create(clusterRoles, { metadata: { name: "all", labels }, aggregationRule, rules: [] });
    await play.settled();
    expect(await rulesOf(play, "all")).toEqual([rule("secrets"), rule("pods"), rule("nodes")]);
    await client.delete(clusterRoles, { name: "a" });
    await play.settled();
    expect(await rulesOf(play, "all")).toEqual([rule("pods"), rule("nodes")]);
    await client.patch(clusterRoles, { name: "all" }, { rules: [rule("everything")] });
    await play.settled();
    expect(await rulesOf(play, "all")).toEqual([rule("pods"), rule("nodes")]);
    await client.delete(clusterRoles, { name: "b" });
    await play.settled();
    expect((await rulesOf(play, "all")) ?? []).toEqual([]);
  });

  it("are what users get: view, edit and admin", async () => {
    await using play = await stage([clusterRoleAggregationController]);
    const [view, edit, admin] = await Promise.all(["view", "edit", "admin"].map((name) => rulesOf(play, name)));
    expect(view?.length).toBeGreaterThan(5);
    expect(edit?.length).toBeGreaterThan(view?.length ?? 0);
    expect(admin?.length).toBeGreaterThan(edit?.length ?? 0);
  });
});
