import type { ResourceRow } from "../api/resource.ts";
import type { Rule } from "../agent/runtime/simulated/rules.ts";
import { allControllers } from "../controllers/all.ts";
import type { ControllerConfig } from "../controllers/config.ts";
import type { Controller } from "../controllers/controller.ts";
import { PodRangeError, RangePool } from "../controllers/nodeipam/range-pool.ts";
import { selectControllers, UnknownControllerError } from "../controllers/select-controllers.ts";
import type { SchedulerConfiguration } from "../scheduler/configuration/configuration.ts";
import { OptionError } from "./option-error.ts";
import type { ClusterOptions } from "./options.ts";
import { schedulerConfiguration } from "./scheduler-configuration.ts";
import { simulationRules } from "./simulation-rules.ts";

/** What was asked of controllers, scheduler and nodes, and can be had. */
export interface ComponentSettings {
  readonly controllers: readonly Controller[];
  /** Undefined: there is none. */
  readonly scheduler: SchedulerConfiguration | undefined;
  /** How many. */
  readonly nodes: number;
  readonly rules: readonly Rule[];
  readonly podRanges: readonly string[];
}

export const nodeMaskSize: ControllerConfig["nodeMaskSize"] = { ipv4: 24, ipv6: 64 };

const usualRange = "10.244.0.0/16";
/** So many /24 ranges are in the usual one. */
const nodesInUsualRange = 256;
const wideRange = "10.128.0.0/9";
/** What a node says of itself, and how it tells that it lives. */
const neededByNodes = ["nodes", "pods", "leases"];

/** Throws an OptionError: before anything is started. */
export async function componentSettings(
  options: ClusterOptions,
  rows: readonly ResourceRow[],
): Promise<ComponentSettings> {
  const { nodes = 0, podRanges = [nodes > nodesInUsualRange ? wideRange : usualRange] } = options;
  const missing = neededByNodes.find((name) => !rows.some(({ plural }) => plural === name));
  if (nodes > 0 && missing !== undefined)
    throw new OptionError(
      `--runtime-config: nodes cannot do without ${missing}; leave them on, or start with --nodes 0`,
    );
  for (const range of podRanges) checkPodRange(range);
  return {
    controllers: controllersOf(options),
    scheduler: options.scheduler === false ? undefined : await schedulerConfiguration(options.schedulerConfigFile),
    nodes,
    rules: await simulationRules(options),
    podRanges,
  };
}

function controllersOf({ controllers = ["*"] }: ClusterOptions): readonly Controller[] {
  try {
    return selectControllers(allControllers, controllers);
  } catch (thrown) {
    if (thrown instanceof UnknownControllerError) throw new OptionError(`--controllers: ${thrown.message}`);
    throw thrown;
  }
}

function checkPodRange(range: string): void {
  try {
    // To make one is to check it.
    new RangePool(range, range.includes(":") ? nodeMaskSize.ipv6 : nodeMaskSize.ipv4);
  } catch (thrown) {
    if (thrown instanceof PodRangeError) throw new OptionError(`--cluster-cidr: ${thrown.message}, one for each node`);
    throw thrown;
  }
}
