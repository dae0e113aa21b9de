import type { Transport, UserInfo } from "../api/wire.ts";
import type { Activity } from "../base/activity.ts";
import type { Clock } from "../base/clock.ts";
import type { Logger } from "../base/log.ts";
import type { Random } from "../base/random.ts";
import { Scope } from "../base/scope.ts";
import { Turns } from "../base/turns.ts";
import { allControllers } from "../controllers/all.ts";
import type { ControllerConfig } from "../controllers/config.ts";
import { runControllers } from "../controllers/run-controllers.ts";
import { selectControllers } from "../controllers/select-controllers.ts";
import { inProcess } from "./in-process.ts";
import type { ClusterOptions } from "./options.ts";

export interface ComponentDeps {
  readonly options: Pick<ClusterOptions, "controllers" | "podRanges">;
  /** Requests in process, as a user. */
  readonly as: (user: UserInfo) => Transport;
  readonly caPem: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  readonly activity: Activity;
}

/** Whatever of a cluster is a client of its API server: controllers, scheduler, nodes. Resolves when they have begun. */
export async function startComponents(deps: ComponentDeps): Promise<AsyncDisposable> {
  const { options, clock, random, log, activity } = deps;
  await using scope = new Scope();
  const turns = new Turns();
  const as = inProcess({ as: deps.as, activity, turns });
  const common = { as, clock, random, log, activity, turns };
  const controllers = selectControllers(allControllers, options.controllers ?? ["*"]);
  scope.use(await runControllers(controllers, { ...common, config: controllerConfig(deps) }));
  const running = scope.move();
  return { [Symbol.asyncDispose]: () => running[Symbol.asyncDispose]() };
}

/** As kube-controller-manager has them. */
function controllerConfig({ options, caPem }: ComponentDeps): ControllerConfig {
  return {
    rootCaPem: caPem,
    podRanges: options.podRanges ?? ["10.244.0.0/16"],
    nodeMaskSize: { ipv4: 24, ipv6: 64 },
    nodeMonitorGraceMs: 50_000,
    nodeMonitorPeriodMs: 5_000,
    terminatedPodThreshold: 12_500,
    localPath: "/var/lib/wherry/volumes",
  };
}
