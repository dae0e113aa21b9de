import { describe, expect, it } from "vitest";
import type { ObjectMeta, OwnerReference } from "../../api/machinery/object.ts";
import { AbsentOwners } from "./absent-owners.ts";
import { describe as inWords, identityOf } from "./identity.ts";
import { ObjectGraph } from "./object-graph.ts";

const kind = { apiVersion: "v1", kind: "Thing" };

function watched() {
  const asked: string[] = [];
  const absent = new AbsentOwners();
  const graph = new ObjectGraph(
    {
      collect: (uid) => asked.push(uid),
      orphan: (uid) => asked.push(`orphan ${uid}`),
      tellInvalidNamespace: (node, reference) => asked.push(`event ${inWords(identityOf(reference, node.namespace))}`),
    },
    absent,
  );
  const observe = (uid: string, owners: readonly OwnerReference[] = [], more: ObjectMeta = {}): void =>
    graph.observe(kind, { uid, name: uid, namespace: "space", ownerReferences: [...owners], ...more });
  /** What was asked for since the last look. */
  const news = (): string[] => asked.splice(0);
  return { graph, absent, observe, news };
}

const owned = (uid: string, more: Partial<OwnerReference> = {}): OwnerReference => ({
  ...kind,
  name: uid,
  uid,
  ...more,
});

describe("the graph", () => {
  it("asks for nothing as long as owners are there", () => {
    const { observe, news } = watched();
    observe("owner");
    observe("child", [owned("owner")]);
    observe("child", [owned("owner")], { labels: { a: "b" } });
    expect(news()).toEqual([]);
  });

  it("asks for an owner that nobody has seen, and for its dependents once it is known to be absent", () => {
    const { graph, absent, observe, news } = watched();
    observe("child", [owned("owner")]);
    expect(news()).toEqual(["owner"]);
    const identity = { ...kind, namespace: "space", name: "owner", uid: "owner" };
    expect(graph.confirmAbsent(identity)).toBe(false);
    expect(news()).toEqual(["child"]);
    expect(absent.has(identity)).toBe(true);
    expect(graph.get("owner")).toBeUndefined();
  });

  it("forgets an owner that nobody has seen when nobody refers to it any more", () => {
    const { graph, observe } = watched();
    observe("child", [owned("owner")]);
    observe("child");
    expect(graph.size).toBe(1);
    graph.remove("child");
    expect(graph.size).toBe(0);
  });

  it("tells of dependents in other namespaces, whoever came first", () => {
    const event = "event [v1/Thing, namespace: other, name: owner, uid: owner]";
    const first = watched();
    first.observe("owner");
    first.observe("child", [owned("owner")], { namespace: "other" });
    expect(first.news()).toEqual([event, "child"]);
    const second = watched();
    second.observe("child", [owned("owner")], { namespace: "other" });
    second.observe("owner");
    expect(second.news()).toEqual(["owner", event, "child"]);
  });

  it("has a dependent looked at that means its owner by another name", () => {
    const { observe, news } = watched();
    observe("owner");
    observe("child", [owned("owner", { name: "stranger" })]);
    expect(news()).toEqual(["child"]);
  });

  it("tries all places that dependents name for an owner, and takes it from those that named the wrong one", () => {
    const { graph, observe, news } = watched();
    observe("one", [owned("owner", { kind: "A" })]);
    observe("two", [owned("owner", { kind: "B" })]);
    expect(news()).toEqual(["owner", "two"]);
    const at = (name: string) => ({ apiVersion: "v1", kind: name, namespace: "space", name: "owner", uid: "owner" });
    expect(graph.confirmAbsent(at("A"))).toBe(true);
    expect(news()).toEqual(["one"]);
    expect(graph.get("owner")).toMatchObject({ kind: "B", isVirtual: true });
    observe("one");
    expect(graph.confirmAbsent(at("B"))).toBe(false);
    expect(news()).toEqual(["two"]);
  });

  it("believes no word against what it has seen itself", () => {
    const { graph, observe, news } = watched();
    observe("owner");
    observe("child", [owned("owner", { kind: "Other" })]);
    news();
    expect(
      graph.confirmAbsent({ apiVersion: "v1", kind: "Other", namespace: "space", name: "owner", uid: "owner" }),
    ).toBe(false);
    expect(news()).toEqual(["child"]);
    expect(graph.get("owner")?.isVirtual).toBe(false);
  });

  it("knows nothing of an owner whose kind is no longer watched, and asks again when kinds come", () => {
    const { graph, observe, news } = watched();
    observe("owner");
    observe("child", [owned("owner")]);
    graph.forget("owner");
    expect(news()).toEqual([]);
    graph.askForVirtual();
    expect(news()).toEqual(["owner"]);
    observe("owner");
    expect(news()).toEqual([]);
    graph.remove("owner");
    expect(news()).toEqual(["child"]);
  });

  it("follows deletions that wait for dependents, and late dependents", () => {
    const { graph, observe, news } = watched();
    const going = { deletionTimestamp: "2026-01-01T00:00:00Z", finalizers: ["foregroundDeletion"] };
    observe("owner");
    observe("child", [owned("owner", { blockOwnerDeletion: true })]);
    observe("owner", [], going);
    expect(news()).toEqual(["child", "owner"]);
    observe("late", [owned("owner", { blockOwnerDeletion: true })]);
    expect(news()).toEqual(["late"]);
    observe("late", [owned("owner")]);
    expect(news()).toEqual(["owner"]);
    graph.remove("child");
    expect(news()).toEqual(["owner"]);
    observe("owner", [], { ...going, finalizers: ["orphan"] });
    expect(news()).toEqual(["orphan owner"]);
    observe("latest", [owned("owner")]);
    expect(news()).toEqual(["orphan owner"]);
  });
});

describe("absent owners", () => {
  it("are so many at most, the last used ones", () => {
    const absent = new AbsentOwners();
    const at = (index: number) => ({ ...kind, namespace: "", name: "n", uid: `${index}` });
    for (let index = 0; index < 500; index += 1) absent.add(at(index));
    expect(absent.has(at(0))).toBe(true);
    absent.add(at(500));
    expect([absent.has(at(0)), absent.has(at(1)), absent.has(at(500))]).toEqual([true, false, true]);
  });
});
