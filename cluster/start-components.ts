import type { Transport, UserInfo } from "../api/wire.ts";
import type { MeteredNode } from "../agent/metrics-api/metered-node.ts";
import { runSimulatedNodes } from "../agent/run-simulated-nodes.ts";
import type { Rule } from "../agent/runtime/simulated/rules.ts";
import type { Activity } from "../base/activity.ts";
import type { Clock } from "../base/clock.ts";
import type { Logger } from "../base/log.ts";
import type { Random } from "../base/random.ts";
import { Scope } from "../base/scope.ts";
import { Turns } from "../base/turns.ts";
import { createClient } from "../client/client.ts";
import { storageClasses } from "../client/resource-types.ts";
import { allControllers } from "../controllers/all.ts";
import type { ControllerConfig } from "../controllers/config.ts";
import { localPathClass } from "../controllers/localpath/local-path-class.ts";
import { localPathProvisionerController } from "../controllers/localpath/local-path-provisioner-controller.ts";
import { runControllers } from "../controllers/run-controllers.ts";
import { selectControllers, UnknownControllerError } from "../controllers/select-controllers.ts";
import type { Controller } from "../controllers/controller.ts";
import { runScheduler } from "../scheduler/run-scheduler.ts";
import type { Heartbeats } from "./heartbeats.ts";
import { inProcess } from "./in-process.ts";
import { OptionError } from "./option-error.ts";
import type { ClusterOptions } from "./options.ts";
import { schedulerConfiguration } from "./scheduler-configuration.ts";
import { simulationRules } from "./simulation-rules.ts";
import { versions } from "./versions.ts";

export interface ComponentDeps {
  readonly options: Pick<
    ClusterOptions,
    "controllers" | "scheduler" | "schedulerConfigFile" | "nodes" | "podRanges" | "simulation" | "simulationFile"
  >;
  /** Requests in process, as a user. */
  readonly as: (user: UserInfo) => Transport;
  readonly caPem: string;
  /** Where the nodes of this process are put, for whoever asks what they use. */
  readonly metered: MeteredNode[];
  readonly heartbeats: Heartbeats;
  /** Nothing was here before. */
  readonly isFirst: boolean;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  readonly activity: Activity;
}

/** What each of them is given. */
type Common = Omit<ComponentDeps, "options" | "caPem" | "metered" | "heartbeats" | "isFirst"> & {
  readonly turns: Turns;
};

const self: UserInfo = { name: "system:apiserver", groups: ["system:authenticated"] };
/** So many /24 ranges are in the usual range of pods. */
const nodesInUsualRange = 256;

/** Whatever of a cluster is a client of its API server: controllers, scheduler, nodes. Resolves when they have begun. */
export async function startComponents(deps: ComponentDeps): Promise<AsyncDisposable> {
  const { options, clock, random, log, activity } = deps;
  const turns = new Turns();
  const common: Common = { as: inProcess({ as: deps.as, activity, turns }), clock, random, log, activity, turns };
  const controllers = controllersOf(options);
  const rules = await simulationRules(options);
  const configuration = await schedulerConfiguration(options.schedulerConfigFile);
  // Once: who deletes it does not want it.
  if (deps.isFirst && controllers.includes(localPathProvisionerController))
    await createClient({ transport: common.as(self), userAgent: "wherry" }).create(storageClasses, localPathClass);
  await using scope = new Scope();
  const starting: Promise<unknown>[] = [];
  if (controllers.length > 0) {
    const run = runControllers(controllers, { ...common, config: controllerConfig(deps) });
    starting.push(run.then((running) => scope.use(running)));
  }
  if (options.scheduler !== false) {
    starting.push(runScheduler({ ...common, configuration }).then((running) => scope.use(running)));
  }
  await Promise.all(starting);
  if ((options.nodes ?? 0) > 0) scope.use(await startNodes(options.nodes ?? 0, rules, deps, common));
  const running = scope.move();
  return { [Symbol.asyncDispose]: () => running[Symbol.asyncDispose]() };
}

/** Throws an OptionError. */
function controllersOf({ controllers }: ComponentDeps["options"]): readonly Controller[] {
  try {
    return selectControllers(allControllers, controllers ?? ["*"]);
  } catch (thrown) {
    if (thrown instanceof UnknownControllerError) throw new OptionError(`--controllers: ${thrown.message}`);
    throw thrown;
  }
}

async function startNodes(
  count: number,
  rules: readonly Rule[],
  { metered, heartbeats: { nodeLeaseRenewMs } }: ComponentDeps,
  common: Common,
): Promise<AsyncDisposable> {
  const renewal = nodeLeaseRenewMs === undefined ? {} : { leaseRenewMs: nodeLeaseRenewMs };
  const nodes = await runSimulatedNodes({ count, rules, version: versions().kubernetes, ...renewal }, common);
  metered.push(...nodes.kubelets);
  return nodes;
}

/** As kube-controller-manager has them. */
function controllerConfig({ options, caPem, heartbeats }: ComponentDeps): ControllerConfig {
  const isWide = (options.nodes ?? 0) > nodesInUsualRange;
  return {
    rootCaPem: caPem,
    podRanges: options.podRanges ?? [isWide ? "10.128.0.0/9" : "10.244.0.0/16"],
    nodeMaskSize: { ipv4: 24, ipv6: 64 },
    nodeMonitorGraceMs: heartbeats.nodeMonitorGraceMs,
    nodeMonitorPeriodMs: heartbeats.nodeMonitorPeriodMs,
    // There is one server to a store so far.
    namespaceSettlingMs: 0,
    serviceRangeSettlingMs: 0,
    podCollectionPeriodMs: heartbeats.podCollectionPeriodMs,
    terminatedPodThreshold: 12_500,
    localPath: "/var/lib/wherry/volumes",
  };
}
