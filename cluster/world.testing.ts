import { expect } from "vitest";
import type { Container, Pod, PodSpec, PodTemplateSpec } from "../api/generated/types/core-v1.ts";
import { isPodActive, isPodReady } from "../api/core/pod-state.ts";
import type { DeepReadonly, KubeObject } from "../api/machinery/object.ts";
import type { ApiRequest, ApiResponse, StoredWatch, Transport, UserInfo } from "../api/wire.ts";
import { runSimulatedNodes, type SimulatedNodes, type SimulatedNodesOptions } from "../agent/run-simulated-nodes.ts";
import { ActivityGauge } from "../base/activity.ts";
import type { LogFields, Logger } from "../base/log.ts";
import { systemRandom } from "../base/random.ts";
import { Scope } from "../base/scope.ts";
import { SimulatedClock } from "../base/simulated-clock.ts";
import { Turns } from "../base/turns.ts";
import { call } from "../client/call.ts";
import { ConnectionError } from "../client/connection-error.ts";
import type { Informer } from "../client/informer.ts";
import { createInformers } from "../client/informers.ts";
import { namespaces, pods, type ResourceType } from "../client/resource-types.ts";
import { relaxedHeartbeats } from "./heartbeats.ts";
import { inProcess } from "./in-process.ts";
import { createCluster, type TestCluster, type TestClusterOptions } from "./testing.ts";

/** A request of one of the cluster's own components, watches aside. */
export interface Asked {
  readonly user: string;
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  readonly status: number;
  /** In the cluster's time. */
  readonly at: number;
}

/** What becomes of a request: the server never gets it, or its answer never comes back. */
export type Loss = "unsent" | "unanswered" | undefined;

/** A whole cluster in simulated time, with what tests need to see of its components and to do to them. */
export interface World extends TestCluster {
  readonly clock: SimulatedClock;
  /** What the components have asked for so far. */
  readonly asked: readonly Asked[];
  /** Warnings and errors that may be logged. Any other fails the test when the world ends. */
  allow(message: RegExp): void;
  /** From now on requests of components are lost as it says; undefined: none are. */
  lose(lossOf: ((request: ApiRequest, user: UserInfo) => Loss) | undefined): void;
  /** Ends all watches of components, as a server does that goes down. */
  breakWatches(): void;
  /** Cuts a node off the server, as when it lost its network, and joins it again. */
  cut(nodeName: string): void;
  rejoin(nodeName: string): void;
  /** Further nodes, which end with what is returned, or with the world. */
  startNodes(options: SimulatedNodesOptions): Promise<SimulatedNodes>;
  /**
   * Ten minutes for what is left to do, an hour for events to expire, and then an hour in which nothing may be written but
   * heartbeats, and whatever else the caller expects.
   */
  expectQuiet(expected?: { readonly besides: (one: Asked) => boolean; readonly atMost: number }): Promise<void>;
  /** The store's: it moves with each write that changed something. */
  revision(): Promise<number>;
  /** Lets time pass until something holds, at most so long; fails if it never does. */
  until(holds: () => boolean | Promise<boolean>, milliseconds: number): Promise<void>;
  /** Follows a resource by a watch of the test's own, until the world ends. */
  follow<T extends KubeObject>(type: ResourceType<T>): Promise<Informer<T>>;
  namespace(name: string): Promise<void>;
  /** Of a namespace, by name. */
  pods(namespace: string): Promise<DeepReadonly<Pod>[]>;
  readyPods(namespace: string): Promise<DeepReadonly<Pod>[]>;
}

const hour = 3_600_000;
/** In an hour, of a cluster in which nothing happens. */
const mostReads = 100;
const beginning = Date.UTC(2026, 0, 1);
const administrator: UserInfo = { name: "kubernetes-admin", groups: ["system:masters", "system:authenticated"] };

export async function startWorld(options: Omit<TestClusterOptions, "clock" | "activity" | "log"> = {}): Promise<World> {
  await using scope = new Scope();
  const activity = new ActivityGauge();
  const clock = new SimulatedClock(beginning, () => activity.idle());
  const log = new Watchful();
  const between = new Between(clock);
  const through = (transport: Transport, user: UserInfo): Transport => between.through(transport, user);
  const { heartbeats = relaxedHeartbeats } = options;
  const cluster = scope.use(await createCluster({ ...options, heartbeats, clock, activity, log, through }));
  const turns = new Turns();
  const as = inProcess({ as: (user) => through(cluster.as(user), user), activity, turns });
  const transport = cluster.as(administrator);
  const { signal } = new AbortController();
  const informers = scope.use(
    createInformers({ transport, userAgent: "test", clock, random: systemRandom, log, signal }),
  );
  const revision = async (): Promise<number> =>
    Number((await call(transport, { method: "GET", url: "/api/v1/namespaces?limit=1" })).metadata?.resourceVersion);
  await cluster.settled();
  const all = scope.move();
  const podsOf = async (namespace: string): Promise<DeepReadonly<Pod>[]> =>
    (await cluster.client.list(pods, { namespace })).toSorted((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1));
  return {
    ...cluster,
    clock,
    asked: between.asked,
    allow: (message) => void log.allowed.push(message),
    lose: (lossOf) => void (between.lossOf = lossOf),
    breakWatches: () => between.endWatches(() => true),
    cut: (nodeName) => between.cut(nodeUser(nodeName)),
    rejoin: (nodeName) => between.rejoin(nodeUser(nodeName)),
    async startNodes(nodes) {
      const { nodeLeaseRenewMs: leaseRenewMs } = heartbeats;
      const pace = leaseRenewMs === undefined ? {} : { leaseRenewMs };
      const deps = { as, clock, random: systemRandom, log, activity, turns };
      return all.use(await runSimulatedNodes({ ...pace, ...nodes }, deps));
    },
    revision,
    async expectQuiet({ besides, atMost } = { besides: () => false, atMost: 0 }) {
      await cluster.advance("70m");
      const [from, before] = [between.asked.length, await revision()];
      await cluster.advance("1h");
      const since = between.asked.slice(from);
      const beats = since.filter(isHeartbeat);
      const others = since.filter((one) => one.method !== "GET" && !isHeartbeat(one));
      expect(others.filter((one) => !besides(one))).toEqual([]);
      expect(others.length).toBeLessThanOrEqual(atMost);
      // Besides, the server says that it lives.
      const ownBeats = Math.ceil(hour / heartbeats.serverLeaseRenewMs);
      expect((await revision()) - before).toBeLessThanOrEqual(beats.length + others.length + ownBeats);
      expect(since.filter(({ method }) => method === "GET").length).toBeLessThan(mostReads);
    },
    async until(holds, milliseconds) {
      if (!(await clock.until(holds, milliseconds))) throw new Error(`nothing of the kind within ${milliseconds} ms`);
    },
    async follow(type) {
      const informer = informers.of(type);
      await informer.synced;
      return informer;
    },
    async namespace(name) {
      await cluster.client.create(namespaces, { metadata: { name } });
      await cluster.settled();
    },
    pods: podsOf,
    readyPods: async (namespace) => (await podsOf(namespace)).filter((pod) => isPodActive(pod) && isPodReady(pod)),
    async [Symbol.asyncDispose]() {
      await all[Symbol.asyncDispose]();
      log.complain();
    },
  };
}

export function nameOf({ metadata }: DeepReadonly<KubeObject>): string {
  return metadata?.name ?? "";
}

/** A node's Lease, or its status. */
function isHeartbeat({ method, path, status }: Asked): boolean {
  const isLease =
    method === "PUT" && path.startsWith("/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases/");
  return status === 200 && (isLease || (method === "PATCH" && /^\/api\/v1\/nodes\/[^/]+\/status$/.test(path)));
}

const nodeUser = (nodeName: string): string => `system:node:${nodeName}`;

/** For Deployments and their like: one container, of an image that can be had. */
export function template(
  labels: Readonly<Record<string, string>>,
  more: {
    readonly annotations?: Readonly<Record<string, string>>;
    readonly spec?: Partial<PodSpec>;
    readonly container?: Partial<Container>;
  } = {},
): PodTemplateSpec {
  const annotations = Object.fromEntries(
    Object.entries(more.annotations ?? {}).map(([name, value]) => [`simulated.wherry.dev/${name}`, value]),
  );
  return {
    metadata: { labels, annotations },
    spec: { containers: [{ name: "main", image: "nginx:1", ...more.container }], ...more.spec },
  };
}

/** Stands between components and server. */
class Between {
  readonly asked: Asked[] = [];
  lossOf: ((request: ApiRequest, user: UserInfo) => Loss) | undefined;
  readonly #clock: SimulatedClock;
  readonly #cut = new Set<string>();
  readonly #watches = new Set<{ readonly user: string; readonly watch: StoredWatch }>();

  constructor(clock: SimulatedClock) {
    this.#clock = clock;
  }

  through(transport: Transport, user: UserInfo): Transport {
    return async (request) => {
      const loss = this.#cut.has(user.name) ? "unsent" : this.lossOf?.(request, user);
      if (loss === "unsent") throw new ConnectionError("the test lost a request");
      const response = await transport(request);
      this.#remember(request, response, user.name);
      if (loss !== "unanswered") return response;
      if (response.body.type === "watch") response.body.watch.close();
      throw new ConnectionError("the test lost an answer");
    };
  }

  cut(user: string): void {
    this.#cut.add(user);
    this.endWatches((one) => one === user);
  }

  rejoin(user: string): void {
    this.#cut.delete(user);
  }

  endWatches(isMeant: (user: string) => boolean): void {
    for (const known of this.#watches) {
      if (!isMeant(known.user)) continue;
      known.watch.close();
    }
  }

  #remember({ method, url }: ApiRequest, { status, body }: ApiResponse, user: string): void {
    if (body.type !== "watch") {
      this.asked.push({ user, method, path: url.replace(/\?.*/, ""), status, at: this.#clock.now() });
      return;
    }
    for (const known of this.#watches) if (known.watch.ended) this.#watches.delete(known);
    this.#watches.add({ user, watch: body.watch });
  }
}

/** Nothing should be warned of where nothing is wrong. */
class Watchful implements Logger {
  readonly allowed: RegExp[] = [];
  readonly #problems: string[] = [];

  error(message: string, fields: LogFields = {}): void {
    this.#problems.push(`error: ${told(message, fields)}`);
  }

  warn(message: string, fields: LogFields = {}): void {
    this.#problems.push(`warn: ${told(message, fields)}`);
  }

  info(): void {}

  debug(): void {}

  /** Throws if something was logged that none of those allowed fits. */
  complain(): void {
    const unexpected = this.#problems.filter((problem) => !this.allowed.some((one) => one.test(problem)));
    if (unexpected.length === 0) return;
    const some = unexpected.slice(0, 10).join("\n");
    throw new Error(`the cluster complained ${unexpected.length} times:\n${some}`);
  }
}

function told(message: string, fields: LogFields): string {
  const said = Object.entries(fields).map(([name, value]) => {
    const text = value instanceof Error || typeof value === "string" ? String(value) : JSON.stringify(value);
    return `${name}=${text}`;
  });
  return [message, ...said].join(" ");
}
