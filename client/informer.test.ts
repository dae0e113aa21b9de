import { afterEach, describe, expect, it } from "vitest";
import type { ConfigMap } from "../api/generated/types/core-v1.ts";
import type { DeepReadonly } from "../api/machinery/object.ts";
import type { ApiRequest, ApiResponse, Transport } from "../api/wire.ts";
import { ActivityGauge } from "../base/activity.ts";
import { silentLogger } from "../base/log.ts";
import { systemRandom } from "../base/random.ts";
import { SimulatedClock } from "../base/simulated-clock.ts";
import { startTrial, type Trial } from "../server/trial.testing.ts";
import { createClient, type Client } from "./client.ts";
import { WatchingInformer } from "./informer.ts";
import { keyOf } from "./lister.ts";
import { configMaps } from "./resource-types.ts";

interface Play {
  readonly trial: Trial;
  readonly client: Client;
  readonly clock: SimulatedClock;
  readonly informer: WatchingInformer<ConfigMap>;
  /** What handlers were told: `+ name`, `~ name`, `- name`. */
  readonly told: string[];
  /** The watches that the informer asked for. */
  readonly asked: URLSearchParams[];
  /** Puts something between informer and server. */
  through: (request: () => Promise<ApiResponse>) => Promise<ApiResponse>;
  /** The watch that goes on now. */
  current(): ApiResponse | undefined;
  /** From here on requests are no longer misled. */
  served(): void;
  settled(): Promise<void>;
}

const stops: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0).toReversed()) await stop();
});

async function play(misled?: (request: ApiRequest) => ApiRequest): Promise<Play> {
  const trial = await startTrial();
  stops.push(async () => trial[Symbol.asyncDispose]());
  const user = { name: "admin", groups: ["system:masters"] };
  const direct: Transport = (request) => trial.transport({ ...request, peer: { address: "in process", user } });
  const activity = new ActivityGauge();
  const clock = new SimulatedClock(0, () => activity.idle());
  const ending = new AbortController();
  const asked: URLSearchParams[] = [];
  let watch: ApiResponse | undefined;
  let isMisled = true;
  const scene: Pick<Play, "through"> = { through: (request) => request() };
  const transport: Transport = async (request) => {
    asked.push(new URL(request.url, "https://server").searchParams);
    const sent = isMisled && misled !== undefined ? misled(request) : request;
    watch = await scene.through(() => direct(sent));
    return watch;
  };
  const deps = { transport, userAgent: "test", clock, random: systemRandom, log: silentLogger, signal: ending.signal };
  const informer = new WatchingInformer<ConfigMap>({ type: configMaps }, deps);
  const told: string[] = [];
  informer.on({
    added: (object) => told.push(`+ ${nameOf(object)}`),
    updated: (object) => told.push(`~ ${nameOf(object)}`),
    deleted: (object) => told.push(`- ${nameOf(object)}`),
  });
  const running = informer.run();
  stops.push(() => {
    ending.abort();
    return running;
  });
  const client = createClient({ transport: direct, userAgent: "test" });
  return Object.assign(scene, {
    ...{ trial, client, clock, informer, told, asked },
    current: () => watch,
    served: () => (isMisled = false),
    settled: () => activity.idle(),
  });
}

const nameOf = ({ metadata }: DeepReadonly<ConfigMap>): string => metadata?.name ?? "";
const named = (name: string, data: Record<string, string> = {}): ConfigMap => ({
  metadata: { namespace: "default", name },
  data,
});

/** As a server does that goes away in an orderly manner. */
function endWatch({ current }: Play): void {
  const body = current()?.body;
  if (body?.type === "watch") body.watch.close();
}

describe("an informer", () => {
  it("has what was there when it has synced, and follows what happens", async () => {
    const scene = await play();
    await scene.client.create(configMaps, named("before"));
    await scene.informer.synced;
    await scene.client.create(configMaps, named("after"));
    await scene.client.patch(configMaps, { namespace: "default", name: "before" }, { data: { a: "1" } });
    await scene.client.delete(configMaps, { namespace: "default", name: "after" });
    await scene.settled();
    expect(scene.told).toEqual(["+ before", "+ after", "~ before", "- after"]);
    expect([...scene.informer.list("default")].map(nameOf)).toEqual(["before"]);
    expect(scene.informer.get("default/before")?.data).toEqual({ a: "1" });
  });

  it("goes on where it stood when a watch ends, without asking for everything", async () => {
    const scene = await play();
    await scene.client.create(configMaps, named("one"));
    await scene.settled();
    endWatch(scene);
    await scene.client.create(configMaps, named("two"));
    await scene.clock.advance(1000);
    expect(scene.told).toEqual(["+ one", "+ two"]);
    expect(scene.asked.at(-1)?.get("sendInitialEvents")).toBeNull();
    expect(Number(scene.asked.at(-1)?.get("resourceVersion"))).toBeGreaterThan(0);
  });

  it("asks for everything anew when its history is gone, and tells only what differs", async () => {
    const scene = await play();
    for (const name of ["kept", "changed", "deleted", "replaced"]) await scene.client.create(configMaps, named(name));
    await scene.settled();
    scene.told.length = 0;
    scene.through = () => Promise.reject(new Error("no way through"));
    endWatch(scene);
    await scene.client.patch(configMaps, { namespace: "default", name: "changed" }, { data: { a: "1" } });
    for (const name of ["deleted", "replaced"]) await scene.client.delete(configMaps, { namespace: "default", name });
    await scene.client.create(configMaps, named("replaced"));
    await scene.client.create(configMaps, named("new"));
    await scene.trial.store.compact(await scene.trial.revision());
    scene.through = (request) => request();
    await scene.clock.until(() => scene.told.length >= 5, 60_000);
    expect(scene.told.toSorted()).toEqual(["+ new", "+ replaced", "- deleted", "- replaced", "~ changed"]);
  });

  it("waits longer and longer while the server refuses, and recovers", async () => {
    const scene = await play();
    await scene.settled();
    let tries = 0;
    scene.through = () => {
      tries += 1;
      return Promise.reject(new Error("connection refused"));
    };
    endWatch(scene);
    await scene.clock.advance(120_000);
    expect(tries).toBeGreaterThan(5);
    expect(tries).toBeLessThan(25);
    scene.through = (request) => request();
    await scene.client.create(configMaps, named("late"));
    await scene.clock.advance(60_000);
    expect(scene.told).toEqual(["+ late"]);
  });

  it("takes a resource that is not served for an empty one, until it is served", async () => {
    const scene = await play((request) => ({ ...request, url: request.url.replace("/configmaps", "/nothings") }));
    await scene.informer.synced;
    expect(scene.informer.size).toBe(0);
    await scene.client.create(configMaps, named("late"));
    scene.served();
    await scene.clock.advance(60_000);
    expect(scene.told).toEqual(["+ late"]);
  });

  it("lets one handler fail without the others missing anything", async () => {
    const scene = await play();
    scene.informer.on({
      added() {
        throw new Error("a bad handler");
      },
    });
    const told: string[] = [];
    scene.informer.on({ added: (object) => told.push(keyOf(object)) });
    await scene.client.create(configMaps, named("one"));
    await scene.settled();
    expect(told).toEqual(["default/one"]);
    expect(scene.told).toEqual(["+ one"]);
  });

  it("tells all again, when asked to resync, and those who come late what is there", async () => {
    const scene = await play();
    await scene.client.create(configMaps, named("one"));
    await scene.settled();
    const told: string[] = [];
    const stop = scene.informer.on(
      { added: (object) => told.push(`+ ${nameOf(object)}`), updated: (object) => told.push(`~ ${nameOf(object)}`) },
      { resync: 1000 },
    );
    await scene.clock.advance(2500);
    stop();
    await scene.clock.advance(2500);
    expect(told).toEqual(["+ one", "~ one", "~ one"]);
  });

  it("tells a writer when it has seen the write, and when a deleted object is gone", async () => {
    const scene = await play();
    await scene.informer.synced;
    const made = await scene.client.create(configMaps, named("one"));
    await scene.informer.whenSeen(made);
    expect(scene.informer.get("default/one")).toBeDefined();
    await scene.client.delete(configMaps, { namespace: "default", name: "one" });
    await scene.informer.whenGone("default", "one", made.metadata?.uid);
    expect(scene.informer.get("default/one")).toBeUndefined();
  });
});
