import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { OwnerReference } from "../../api/machinery/object.ts";
import { ApiError } from "../../api/machinery/status.ts";
import type { Client } from "../../client/client.ts";
import { configMaps, namespaces, secrets, type ResourceType } from "../../client/resource-types.ts";
import { names, stage, type Stage } from "../stage.testing.ts";
import { garbageCollectorController } from "./garbage-collector-controller.ts";

/** A graph is made of these, in turn; an owner is one that was made before, or nobody. */
type Op =
  | { readonly op: "make"; readonly owners: readonly number[]; readonly nobody: boolean; readonly blocks: boolean }
  | { readonly op: "adopt"; readonly object: number; readonly owner: number }
  | { readonly op: "delete"; readonly object: number; readonly policy: "Background" | "Foreground" }
  | { readonly op: "orphan"; readonly object: number }
  | { readonly op: "settle" }
  | { readonly op: "restart" };

/** Few, so that objects have much to do with each other. */
const index = fc.nat({ max: 7 });
const ops: fc.Arbitrary<readonly Op[]> = fc.array(
  fc.oneof(
    {
      weight: 6,
      arbitrary: fc.record({
        op: fc.constant("make" as const),
        owners: fc.array(index, { maxLength: 3 }),
        nobody: fc.nat({ max: 9 }).map((number) => number === 0),
        blocks: fc.boolean(),
      }),
    },
    { weight: 1, arbitrary: fc.record({ op: fc.constant("adopt" as const), object: index, owner: index }) },
    {
      weight: 2,
      arbitrary: fc.record({
        op: fc.constant("delete" as const),
        object: index,
        policy: fc.constantFrom("Background" as const, "Foreground" as const),
      }),
    },
    { weight: 1, arbitrary: fc.record({ op: fc.constant("orphan" as const), object: index }) },
    { weight: 2, arbitrary: fc.constant({ op: "settle" as const }) },
    { weight: 1, arbitrary: fc.constant({ op: "restart" as const }) },
  ),
  { minLength: 5, maxLength: 40 },
);

/** What should be there: each object with those of its owners that it still has. */
class Model {
  readonly #owners = new Map<string, Set<string>>();

  get names(): string[] {
    return [...this.#owners.keys()].toSorted();
  }

  has(name: string): boolean {
    return this.#owners.has(name);
  }

  make(name: string, owners: readonly string[]): void {
    this.#owners.set(name, new Set(owners));
    this.#collect();
  }

  adopt(name: string, owner: string): void {
    this.#owners.get(name)?.add(owner);
    this.#collect();
  }

  delete(name: string): void {
    this.#owners.delete(name);
    this.#collect();
  }

  orphan(name: string): void {
    for (const owners of this.#owners.values()) owners.delete(name);
    this.delete(name);
  }

  /** What has had owners and has none left is unreachable. */
  #collect(): void {
    for (let isDone = false; !isDone;) {
      isDone = true;
      for (const [name, owners] of this.#owners) {
        const left = [...owners].filter((owner) => this.#owners.has(owner));
        if (owners.size === 0 || left.length === owners.size) continue;
        isDone = false;
        if (left.length === 0) this.#owners.delete(name);
        else this.#owners.set(name, new Set(left));
      }
    }
  }
}

describe("the garbage collector, on any graph", () => {
  let play: Stage;
  let calls = 0;
  let failEvery = 0;
  let spaces = 0;
  beforeAll(async () => {
    play = await stage([garbageCollectorController], {
      through: (transport) => async (request) => {
        calls += 1;
        const fails = failEvery > 0 && !request.url.includes("watch=true") && calls % failEvery === 0;
        if (!fails) return transport(request);
        // Every other time the server acts on the request, and only its answer is lost.
        if (calls % 2 === 0) await transport(request);
        throw new ApiError("ServiceUnavailable", "not now");
      },
    });
  });
  afterAll(() => play[Symbol.asyncDispose]());

  it("deletes just what is unreachable, whatever happens meanwhile", async () => {
    await fc.assert(
      fc.asyncProperty(ops, fc.constantFrom(0, 0, 3, 7), async (history, failures) => {
        failEvery = failures;
        const namespace = `graph-${spaces++}`;
        await play.client.create(namespaces, { metadata: { name: namespace } });
        const graph = new Graph(play, namespace);
        for (const op of history) await graph.do(op);
        failEvery = 0;
        await graph.settle();
        expect(await graph.names()).toEqual(graph.model.names);
      }),
      { numRuns: 50 },
    );
  }, 120_000);
});

/** The same done to the cluster and to the model. */
class Graph {
  readonly model = new Model();
  readonly #made: { readonly name: string; readonly type: ResourceType; readonly uid: string }[] = [];
  readonly #play: Stage;
  readonly #namespace: string;

  constructor(play: Stage, namespace: string) {
    this.#play = play;
    this.#namespace = namespace;
  }

  async do(op: Op): Promise<void> {
    switch (op.op) {
      case "make":
        return this.#make(op);
      case "adopt": {
        const [object, owner] = [this.#at(op.object), this.#at(op.owner)];
        if (object === undefined || owner === undefined) return undefined;
        await this.settle();
        if (!this.model.has(object.name) || !this.model.has(owner.name)) return undefined;
        return this.#adopt(object, owner);
      }
      case "delete":
        return this.#delete(op.object, op.policy);
      case "orphan":
        await this.settle();
        await this.#delete(op.object, "Orphan");
        return this.settle();
      case "settle":
        return this.settle();
      case "restart":
        return this.#play.restart();
    }
  }

  async settle(): Promise<void> {
    // Failures are tried again a little later; what nobody has seen, after half a minute.
    await this.#play.clock.advance(90_000);
  }

  async names(): Promise<string[]> {
    const { client } = this.#play;
    const lists = [configMaps, secrets].map((type: ResourceType) => client.list(type, { namespace: this.#namespace }));
    return names((await Promise.all(lists)).flat());
  }

  get #client(): Client {
    return this.#play.client;
  }

  #at(at: number) {
    return this.#made[at % this.#made.length];
  }

  async #make({ owners, nobody, blocks }: Extract<Op, { op: "make" }>): Promise<void> {
    const found = owners.flatMap((at) => this.#at(at) ?? []);
    const unique = [...new Map(found.map((owner) => [owner.name, owner])).values()];
    const references = unique.map((owner) => this.#reference(owner, blocks));
    if (nobody) references.push({ apiVersion: "v1", kind: "Secret", name: "nobody", uid: "nobody" });
    const type: ResourceType = this.#made.length % 2 === 0 ? configMaps : secrets;
    const name = `object-${String(this.#made.length).padStart(2, "0")}`;
    const metadata = { namespace: this.#namespace, name, ownerReferences: references };
    const { metadata: made } = await this.#client.create(type, { metadata });
    this.#made.push({ name, type, uid: made?.uid ?? "" });
    this.model.make(
      name,
      references.map((reference) => reference.name),
    );
  }

  async #adopt(
    object: { name: string; type: ResourceType },
    owner: { name: string; type: ResourceType; uid: string },
  ): Promise<void> {
    const name = { namespace: this.#namespace, name: object.name };
    const before = (await this.#client.get(object.type, name)).metadata?.ownerReferences ?? [];
    if (before.some(({ uid }) => uid === owner.uid)) return;
    const ownerReferences = [...before, this.#reference(owner, true)];
    await this.#client.patch(object.type, name, { metadata: { ownerReferences } });
    this.model.adopt(object.name, owner.name);
  }

  async #delete(at: number, propagationPolicy: "Background" | "Foreground" | "Orphan"): Promise<void> {
    const object = this.#at(at);
    if (object === undefined) return;
    try {
      const name = { namespace: this.#namespace, name: object.name };
      await this.#client.delete(object.type, name, { preconditions: { uid: object.uid }, propagationPolicy });
    } catch (thrown) {
      if (!(thrown instanceof ApiError) || thrown.code !== 404) throw thrown;
      return;
    }
    if (propagationPolicy === "Orphan") this.model.orphan(object.name);
    else this.model.delete(object.name);
  }

  #reference({ type, name, uid }: { name: string; type: ResourceType; uid: string }, blocks: boolean): OwnerReference {
    const { apiVersion, kind } = type;
    return { apiVersion, kind, name, uid, ...(blocks ? { blockOwnerDeletion: true } : {}) };
  }
}
