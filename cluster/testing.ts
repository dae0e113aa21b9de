/** `wherry/testing`: a real cluster in the test's own process. */
import { stringify } from "yaml";
import { parseDuration } from "../api/machinery/duration.ts";
import type { Transport, UserInfo } from "../api/wire.ts";
import { ActivityGauge } from "../base/activity.ts";
import { type Clock, realClock } from "../base/clock.ts";
import { SimulatedClock } from "../base/simulated-clock.ts";
import { type Client, createClient } from "../client/client.ts";
import { createCluster as create } from "./create-cluster.ts";
import { relaxedHeartbeats } from "./heartbeats.ts";
import type { ClusterOptions } from "./options.ts";

export type { ClusterOptions } from "./options.ts";
/** Upstream's: in simulated time nodes tell seldom that they live, and are missed late, unless it is asked for these. */
export { usualHeartbeats } from "./heartbeats.ts";

export interface TestClusterOptions extends Omit<ClusterOptions, "clock"> {
  /** "simulated": time stands still but for `advance`, and then goes as fast as there is work done. */
  readonly clock?: Clock | "simulated";
}

export interface TestCluster extends AsyncDisposable {
  /** https://127.0.0.1:port */
  readonly url: string;
  readonly port: number;
  /** An administrator's kubeconfig, as YAML text: write it to a file for kubectl, or hand it to a client library. */
  readonly kubeconfig: string;
  /** Objects by type, as an administrator, in process. */
  readonly client: Client;
  /** Requests in process, as a user. */
  as(user: UserInfo): Transport;
  /** Resolves when no queue holds work: all that can be done at this moment is done. */
  settled(): Promise<void>;
  /** The cluster's time, in milliseconds since the Unix epoch. */
  now(): number;
  /** Lets simulated time pass: milliseconds, or Go's form (`36h`). Resolves when all that it brought about is done. */
  advance(time: number | string): Promise<void>;
}

/** For those who test against the API alone: nothing acts on its objects, and there are no nodes. */
export const apiServerOnly: Pick<ClusterOptions, "controllers" | "scheduler" | "nodes"> = {
  controllers: [],
  scheduler: false,
  nodes: 0,
};

const administrator: UserInfo = { name: "kubernetes-admin", groups: ["system:masters", "system:authenticated"] };
/** Where simulated time begins. */
const beginning = Date.UTC(2026, 0, 1);

/**
 * Starts a cluster on a free port, in memory unless `dataDir` says otherwise, with one node; disposing of it stops
 * everything.
 * @example await using cluster = await createCluster();
 */
export async function createCluster(options: TestClusterOptions = {}): Promise<TestCluster> {
  const { clock: wanted = realClock, activity = new ActivityGauge(), ...others } = options;
  const clock = wanted === "simulated" ? new SimulatedClock(beginning, () => activity.idle()) : wanted;
  const quiet = clock instanceof SimulatedClock ? { heartbeats: relaxedHeartbeats } : {};
  const cluster = await create({ nodes: 1, ...quiet, ...others, clock, activity });
  const as = (user: UserInfo): Transport => cluster.as(user);
  return {
    url: cluster.url,
    port: cluster.port,
    kubeconfig: stringify(cluster.kubeconfig),
    client: createClient({ transport: as(administrator), userAgent: "wherry-testing" }),
    as,
    settled: () => activity.idle(),
    now: () => clock.now(),
    async advance(time) {
      if (!(clock instanceof SimulatedClock))
        throw new Error('this cluster runs in real time; make it with createCluster({ clock: "simulated" })');
      await clock.advance(milliseconds(time));
    },
    [Symbol.asyncDispose]: () => cluster[Symbol.asyncDispose](),
  };
}

function milliseconds(time: number | string): number {
  if (typeof time === "number") return time;
  const nanos = parseDuration(time);
  if (nanos === undefined || nanos < 0n) throw new Error(`"${time}" is no duration, such as 90s or 36h`);
  return Number(nanos / 1_000_000n);
}
