import { describe, expect, it } from "vitest";
import type { Random } from "../../base/random.ts";
import { defaultArgs } from "../plugins/args.ts";
import { createNodeAffinity } from "../plugins/node-affinity.ts";
import { createNodeResourcesFit } from "../plugins/node-resources-fit.ts";
import { findFeasibleNodes, nodesToFind } from "./feasible-nodes.ts";
import type { Plugin } from "./plugin.ts";
import { createPodInfo } from "./pod-info.ts";
import { runReserve } from "./run-binding.ts";
import { normalizeToHighest, scoreNodes, selectHost } from "./score-nodes.ts";
import { startCycle } from "./start-cycle.ts";
import { skip, unresolvable, unschedulable } from "./status.ts";
import { cycleOf, infos, node, noneNominated, pod, profileOf, snapshotOf } from "./stage.testing.ts";

const fit = createNodeResourcesFit(defaultArgs.NodeResourcesFit);
const affinity = createNodeAffinity({});

describe("how many feasible nodes are enough", () => {
  it.each([
    [0, 0, 0],
    [99, 0, 99],
    [100, 0, 100],
    [1000, 0, 420],
    [5000, 0, 500],
    [6000, 0, 300],
    [10_000, 0, 500],
    [1000, 20, 200],
    [1000, 5, 100],
    [50, 5, 50],
    [1000, 100, 1000],
  ])("%i nodes at %i %%: %i", (nodes, percentage, enough) => {
    expect(nodesToFind(nodes, percentage)).toBe(enough);
  });
});

describe("the search for feasible nodes", () => {
  const snapshot = snapshotOf(["a", "b", "c", "d"].map((name) => node(name)));

  it("goes on where the one before ended", () => {
    const cycle = cycleOf([fit], pod("p"), snapshot);
    const first = findFeasibleNodes(cycle, { nominated: noneNominated, start: 3, enough: 2 });
    expect(first.feasible.map(({ name }) => name)).toEqual(["d", "a"]);
    expect(first.nextStart).toBe(1);
  });

  it("leaves room for nominated pods of at least the same priority", () => {
    const big = { requests: { cpu: "3" } };
    const nominated = { on: (name: string) => (name === "a" ? infos(pod("other", { ...big, priority: 5 })) : []) };
    const feasible = (priority: number): string[] =>
      findFeasibleNodes(cycleOf([fit], pod("p", { ...big, priority }), snapshot), {
        nominated,
        start: 0,
        enough: 9,
      }).feasible.map(({ name }) => name);
    expect(feasible(5)).toEqual(["b", "c", "d"]);
    expect(feasible(6)).toEqual(["a", "b", "c", "d"]);
  });

  it("tries only the nodes that PreFilter leaves, and says so of the others", () => {
    const named = pod("p", {
      spec: {
        affinity: {
          nodeAffinity: {
            requiredDuringSchedulingIgnoredDuringExecution: {
              nodeSelectorTerms: [{ matchFields: [{ key: "metadata.name", operator: "In", values: ["c"] }] }],
            },
          },
        },
      },
    });
    const found = findFeasibleNodes(cycleOf([affinity], named, snapshot), {
      nominated: noneNominated,
      start: 0,
      enough: 9,
    });
    expect(found.feasible.map(({ name }) => name)).toEqual(["c"]);
    expect(found.statuses.others.reasons).toEqual(["node(s) didn't satisfy plugin(s) [NodeAffinity]"]);
  });
});

describe("PreFilter", () => {
  const snapshot = snapshotOf([node("a")]);
  const rejecting = (name: string, answer: ReturnType<typeof unschedulable>): Plugin => ({
    name,
    preFilter: () => answer,
  });

  it("stops at once where nothing can help", () => {
    const profile = profileOf([
      rejecting("A", unresolvable("A", "never")),
      rejecting("B", unschedulable("B", "not now")),
    ]);
    expect(startCycle(profile, createPodInfo(pod("p")), snapshot)).toMatchObject({ rejected: { reasons: ["never"] } });
  });

  it("says when two plugins leave no node together", () => {
    const narrowing = (name: string, only: string): Plugin => ({
      name,
      preFilter: () => ({ nodeNames: new Set([only]), filter: () => undefined }),
    });
    expect(
      startCycle(profileOf([narrowing("A", "a"), narrowing("B", "b")]), createPodInfo(pod("p")), snapshot),
    ).toMatchObject({
      rejected: {
        code: "UnschedulableAndUnresolvable",
        reasons: ["node(s) didn't satisfy plugin(s) [A B] simultaneously"],
      },
    });
  });

  it("names the plugin that throws", () => {
    const broken: Plugin = {
      name: "Broken",
      preFilter() {
        throw new Error("oops");
      },
    };
    expect(() => startCycle(profileOf([broken]), createPodInfo(pod("p")), snapshot)).toThrow(
      'running PreFilter plugin "Broken": oops',
    );
  });
});

describe("scores", () => {
  const snapshot = snapshotOf([node("a"), node("b"), node("c")]);
  const cycle = cycleOf([], pod("p"), snapshot);
  const scoring = (name: string, by: readonly number[]): Plugin => ({
    name,
    preScore: () => ({ score: (info) => by[snapshot.nodes.indexOf(info)] ?? 0 }),
  });

  it("are weighted and summed up; who skips does not count", () => {
    const skipping: Plugin = { name: "S", preScore: () => skip };
    const profile = profileOf([scoring("A", [10, 20, 30]), scoring("B", [1, 0, 2]), skipping], { B: 3 });
    expect(scoreNodes(profile, cycle, snapshot.nodes)).toEqual([13, 20, 36]);
  });

  it("must be between 0 and 100 in the end", () => {
    expect(() => scoreNodes(profileOf([scoring("A", [101, 0, 0])]), cycle, snapshot.nodes)).toThrow(
      /returns an invalid score 101/,
    );
  });

  it("leave the choice between the best to chance", () => {
    const random = (answer: number): Random => ({ integer: (below) => answer % below, uuid: () => "" });
    expect(selectHost(snapshot.nodes, [5, 9, 9], random(0))?.name).toBe("b");
    expect(selectHost(snapshot.nodes, [5, 9, 9], random(1))?.name).toBe("c");
    expect(selectHost([], [], random(0))).toBeUndefined();
  });

  it.each([
    [[0, 5, 10], false, [0, 50, 100]],
    [[0, 5, 10], true, [100, 50, 0]],
    [[0, 0], false, [0, 0]],
    [[0, 0], true, [100, 100]],
    [[1, 3], false, [33, 100]],
  ])("%j normalized (reverse: %s) are %j", (given, reverse, normalized) => {
    const values = [...given];
    normalizeToHighest(values, reverse);
    expect(values).toEqual(normalized);
  });
});

it("undoes all reservations, the last first, when one is refused", () => {
  const log: string[] = [];
  const reserving = (name: string, fails: boolean): Plugin => ({
    name,
    preFilter: () => ({
      filter: () => undefined,
      reserve: () => (fails ? unschedulable(name, "no") : void log.push(`reserve ${name}`)),
      unreserve: () => void log.push(`unreserve ${name}`),
    }),
  });
  const plugins = [reserving("A", false), reserving("B", true)];
  const cycle = cycleOf(plugins, pod("p"), snapshotOf([node("a")]));
  expect(runReserve(profileOf(plugins), cycle, "a")).toMatchObject({ plugin: "B" });
  expect(log).toEqual(["reserve A", "unreserve B", "unreserve A"]);
});
