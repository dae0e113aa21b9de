import type { Transport, UserInfo } from "../api/wire.ts";
import { ActivityGauge } from "../base/activity.ts";
import { Scope } from "../base/scope.ts";
import { SimulatedClock } from "../base/simulated-clock.ts";
import { Turns } from "../base/turns.ts";
import { type Client, createClient } from "../client/client.ts";
import { createCluster } from "./create-cluster.ts";
import { relaxedHeartbeats } from "./heartbeats.ts";
import { inProcess } from "./in-process.ts";
import { apiServerOnly } from "./testing.ts";

/** Where the tests of components play: a real API server in memory, in simulated time, with nothing on it. */
export interface Scene extends AsyncDisposable {
  /** As an administrator. */
  readonly client: Client;
  readonly transport: Transport;
  readonly clock: SimulatedClock;
  readonly activity: ActivityGauge;
  readonly turns: Turns;
  /** As a component of this process. */
  as(user: UserInfo): Transport;
}

const start = Date.UTC(2026, 0, 1);
const admin: UserInfo = { name: "admin", groups: ["system:masters", "system:authenticated"] };
/** Controllers that only tests have; there are no roles for them. */
const played: ReadonlySet<string> = new Set(
  ["kubelet", "watching"].map((name) => `system:serviceaccount:kube-system:${name}`),
);

export async function startScene(): Promise<Scene> {
  await using scope = new Scope();
  const activity = new ActivityGauge();
  const clock = new SimulatedClock(start, () => activity.idle());
  const turns = new Turns();
  const cluster = scope.use(await createCluster({ ...apiServerOnly, clock, activity, heartbeats: relaxedHeartbeats }));
  const transport = cluster.as(admin);
  const running = scope.move();
  return {
    ...{ transport, clock, activity, turns },
    client: createClient({ transport, userAgent: "test" }),
    as: inProcess({
      as: (user) => cluster.as(played.has(user.name) ? { ...user, groups: admin.groups } : user),
      activity,
      turns,
    }),
    [Symbol.asyncDispose]: () => running[Symbol.asyncDispose](),
  };
}
