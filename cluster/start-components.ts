import type { Transport, UserInfo } from "../api/wire.ts";
import type { MeteredNode } from "../agent/metrics-api/metered-node.ts";
import { runSimulatedNodes } from "../agent/run-simulated-nodes.ts";
import type { SigningKey } from "../auth/tokens/account-key.ts";
import type { Activity } from "../base/activity.ts";
import type { Clock } from "../base/clock.ts";
import type { Logger } from "../base/log.ts";
import type { Random } from "../base/random.ts";
import { Scope } from "../base/scope.ts";
import { Turns } from "../base/turns.ts";
import type { CertificateSigning } from "../controllers/certificates/certificate-signing.ts";
import type { ControllerConfig } from "../controllers/config.ts";
import { runControllers } from "../controllers/run-controllers.ts";
import { runScheduler } from "../scheduler/run-scheduler.ts";
import { type ComponentSettings, nodeMaskSize } from "./component-settings.ts";
import type { Heartbeats } from "./heartbeats.ts";
import { inProcess } from "./in-process.ts";
import { versions } from "./versions.ts";

export interface ComponentDeps {
  readonly settings: ComponentSettings;
  readonly heartbeats: Heartbeats;
  /** Requests in process, as a user. */
  readonly as: (user: UserInfo) => Transport;
  readonly caPem: string;
  /** Signs the certificates that are asked for. */
  readonly signing: CertificateSigning;
  /** Signs the tokens that live in secrets. */
  readonly serviceAccountKey: SigningKey;
  readonly legacyTokenCleanUpMs: number;
  /** Where the nodes of this process are put, for whoever asks what they use. */
  readonly metered: MeteredNode[];
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  readonly activity: Activity;
}

/** What each of them is given. */
interface Common extends Pick<ComponentDeps, "as" | "clock" | "random" | "log" | "activity"> {
  readonly turns: Turns;
}

/** Whatever of a cluster is a client of its API server: controllers, scheduler, nodes. Resolves when they have begun. */
export async function startComponents(deps: ComponentDeps): Promise<AsyncDisposable> {
  const { settings, clock, random, log, activity } = deps;
  const { controllers, scheduler: configuration } = settings;
  const turns = new Turns();
  const common: Common = { as: inProcess({ as: deps.as, activity, turns }), clock, random, log, activity, turns };
  await using scope = new Scope();
  const started = await Promise.allSettled([
    ...(controllers.length > 0 ? [runControllers(controllers, { ...common, config: controllerConfig(deps) })] : []),
    ...(configuration === undefined ? [] : [runScheduler({ ...common, configuration })]),
  ]);
  // What has started is stopped again when something else could not be.
  for (const one of started) if (one.status === "fulfilled") scope.use(one.value);
  for (const one of started) if (one.status === "rejected") throw one.reason;
  if (settings.nodes > 0) scope.use(await startNodes(deps, common));
  const running = scope.move();
  return { [Symbol.asyncDispose]: () => running[Symbol.asyncDispose]() };
}

async function startNodes({ settings, metered, heartbeats }: ComponentDeps, common: Common): Promise<AsyncDisposable> {
  const { nodes: count, rules } = settings;
  const { nodeLeaseRenewMs, nodeStatusReportMs } = heartbeats;
  const renewal = {
    ...(nodeLeaseRenewMs === undefined ? {} : { leaseRenewMs: nodeLeaseRenewMs }),
    ...(nodeStatusReportMs === undefined ? {} : { statusReportMs: nodeStatusReportMs }),
  };
  const nodes = await runSimulatedNodes({ count, rules, version: versions().kubernetes, ...renewal }, common);
  metered.push(...nodes.kubelets);
  return nodes;
}

/** As kube-controller-manager has them. */
function controllerConfig({
  settings,
  caPem,
  signing,
  serviceAccountKey,
  legacyTokenCleanUpMs,
  heartbeats,
}: ComponentDeps): ControllerConfig {
  return {
    rootCaPem: caPem,
    podRanges: settings.podRanges,
    nodeMaskSize,
    nodeMonitorGraceMs: heartbeats.nodeMonitorGraceMs,
    nodeMonitorPeriodMs: heartbeats.nodeMonitorPeriodMs,
    // There is one server to a store so far.
    namespaceSettlingMs: 0,
    serviceRangeSettlingMs: 0,
    podCollectionPeriodMs: heartbeats.podCollectionPeriodMs,
    terminatedPodThreshold: 12_500,
    localPath: "/var/lib/wherry/volumes",
    serviceAccountKey,
    legacyTokenCleanUpMs,
    signing,
  };
}
