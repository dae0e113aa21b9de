import type { DeepReadonly, KubeObject } from "../api/machinery/object.ts";
import { silentLogger, type Logger } from "../base/log.ts";
import { systemRandom } from "../base/random.ts";
import { Scope } from "../base/scope.ts";
import type { SimulatedClock } from "../base/simulated-clock.ts";
import type { Client } from "../client/client.ts";
import type { Transport } from "../api/wire.ts";
import { newSigningKey } from "../auth/tokens/account-token-settings.testing.ts";
import { restartable } from "../cluster/restartable.testing.ts";
import { startScene } from "../cluster/scene.testing.ts";
import type { ControllerConfig } from "./config.ts";
import type { Controller } from "./controller.ts";
import { runControllers } from "./run-controllers.ts";

export interface Stage extends AsyncDisposable {
  /** As an administrator. */
  readonly client: Client;
  readonly transport: Transport;
  readonly clock: SimulatedClock;
  /** Resolves when all that can be done at this instant is done. */
  settled(): Promise<void>;
  /** Ends the controllers and starts them anew, as after a crash: they know only what the API holds. */
  restart(): Promise<void>;
  /** Ends the controllers; `restart` brings them back. */
  stop(): Promise<void>;
}

export const testConfig: ControllerConfig = {
  rootCaPem: "-----BEGIN CERTIFICATE-----\n",
  podRanges: ["10.244.0.0/16"],
  nodeMaskSize: { ipv4: 24, ipv6: 64 },
  nodeMonitorGraceMs: 50_000,
  nodeMonitorPeriodMs: 5_000,
  namespaceSettlingMs: 5_000,
  serviceRangeSettlingMs: 10_000,
  podCollectionPeriodMs: 20_000,
  terminatedPodThreshold: 12_500,
  localPath: "/var/lib/wherry/volumes",
  serviceAccountKey: newSigningKey(),
  legacyTokenCleanUpMs: 365 * 86_400_000,
};

export interface StageOptions {
  readonly config?: Partial<ControllerConfig>;
  readonly log?: Logger;
  /** Objects that are there before the controllers begin. */
  readonly objects?: (client: Client) => Promise<unknown>;
  /** Between controllers and server: to make requests fail. */
  readonly through?: (transport: Transport) => Transport;
}

/** A real API server in memory, in simulated time, with some controllers on it and nothing else: the test plays the rest. */
export async function stage(controllers: readonly Controller[], options: StageOptions = {}): Promise<Stage> {
  const { through = (transport) => transport, log = silentLogger } = options;
  await using scope = new Scope();
  const { client, transport, clock, activity, turns, as } = scope.use(await startScene());
  await options.objects?.(client);
  const begin = (): Promise<AsyncDisposable> =>
    runControllers(controllers, {
      as: (user) => through(as(user)),
      config: { ...testConfig, ...options.config },
      clock,
      random: systemRandom,
      log,
      activity,
      turns,
    });
  const { stop, restart } = scope.use(await restartable(begin, () => activity.idle()));
  await activity.idle();
  const all = scope.move();
  return {
    client,
    transport,
    clock,
    settled: () => activity.idle(),
    ...{ stop, restart },
    [Symbol.asyncDispose]: () => all[Symbol.asyncDispose](),
  };
}

/** Names of objects, sorted. */
export function names(objects: Iterable<DeepReadonly<KubeObject>>): string[] {
  return [...objects].map(({ metadata }) => metadata?.name ?? "").toSorted();
}
