import type { Registry } from "prom-client";
import type { FlowSchema, PriorityLevelConfiguration } from "../../api/generated/types/flowcontrol-v1.ts";
import type { ApiResponse } from "../../api/wire.ts";
import type { Clock } from "../../base/clock.ts";
import type { Logger } from "../../base/log.ts";
import { repeat } from "../../base/repeat.ts";
import type { ObjectReader, ObjectWriter } from "../admission/object-reader.ts";
import { isLongRunning, isReadOnly } from "../pipeline/request-kind.ts";
import type { Identified, Target } from "../pipeline/stages.ts";
import { adjustBorrowing, borrowingPeriod } from "./borrowing.ts";
import { configure, type CompiledSchema, type Configuration } from "./configuration.ts";
import { tellDangling } from "./dangling.ts";
import { dump } from "./dump.ts";
import { tooManyRequests, unlimited, type Flow, type FlowControl } from "./flow-control.ts";
import type { InFlightLimits } from "./in-flight-limit.ts";
import { createFlowMetrics, type FlowCounts } from "./metrics.ts";
import type { Progress } from "./queue-set.ts";
import { widestOf, widthOf, type Load } from "./seats.ts";

const group = "flowcontrol.apiserver.k8s.io";
const schemas = `flowschemas.${group}`;
const levels = `prioritylevelconfigurations.${group}`;

export interface FlowControlParts {
  readonly reader: ObjectReader;
  readonly writer: ObjectWriter;
  /** The cluster's time: when conditions changed. */
  readonly clock: Clock;
  /** Real time, for all that waits. */
  readonly timers: Clock;
  readonly load: Load;
  /** Their sum is the server's seats. */
  readonly inFlight: InFlightLimits;
  readonly metrics: Registry;
  readonly log: Logger;
}

export interface PriorityAndFairness extends FlowControl {
  /** Reads the objects if they have changed, and tells schemas whether they dangle. */
  refresh(): Promise<void>;
  /** Refreshes and shares seats anew every ten seconds; returns what ends it. */
  start(): () => Promise<void>;
  /** The debug tables; undefined for other paths. */
  debug(path: string): ApiResponse | undefined;
}

/** https://kubernetes.io/docs/concepts/cluster-administration/flow-control/ */
export function createFlowControl(parts: FlowControlParts): PriorityAndFairness {
  const { timers, inFlight } = parts;
  const deps = { serverSeats: inFlight.readOnly + inFlight.mutating, clock: timers };
  const current = { readOnly: 0, mutating: 0 };
  let fairFraction = 0;
  let configuration: Configuration = configure({ schemas: [], levels: [] }, undefined, deps);
  const metrics = createFlowMetrics({
    registry: parts.metrics,
    levels: () => configuration.levels.values(),
    fairFraction: () => fairFraction,
  });
  let counts: ReadonlyMap<CompiledSchema, FlowCounts> = new Map();
  const use = (fresh: Configuration): void => {
    configuration = fresh;
    fairFraction = adjustBorrowing(fresh.levels.values(), timers.now());
    metrics.keep((level, schema) => fresh.schemas.some((one) => one.name === schema && one.level.name === level));
    counts = new Map(fresh.schemas.map((schema) => [schema, metrics.countsOf(schema.level.name, schema.name)]));
  };
  use(configuration);
  const source = createSource(parts, (stored) => use(configure(stored, configuration, deps)));
  const failed = (thrown: unknown): void => parts.log.error("flow control could not be read", { error: thrown });
  const shared: Shared = {
    load: parts.load,
    timers,
    current,
    countsOf: (schema) => counts.get(schema) ?? metrics.countsOf(schema.level.name, schema.name),
    changed: () => void source.refresh().catch(failed),
  };

  return {
    current,
    classify(request): Flow {
      if (isLongRunning(request.target) && request.target.verb !== "watch") return unlimited;
      const schema = configuration.schemas.find((one) => one.matches(request)) ?? configuration.catchAll;
      return flowOf(request, schema, shared);
    },
    refresh: source.refresh,
    start: () =>
      repeat(
        borrowingPeriod,
        async () => {
          use(configuration);
          await source.refresh([...configuration.leaving].some((name) => configuration.levels.get(name)?.queues.idle));
        },
        { clock: timers, failed },
      ),
    debug: (path) =>
      dump(
        path,
        [...configuration.levels.values()].map((level) => ({ level, leaving: configuration.leaving.has(level.name) })),
      ),
  };
}

interface Shared {
  readonly load: Load;
  readonly timers: Clock;
  readonly current: { readOnly: number; mutating: number };
  readonly countsOf: (schema: CompiledSchema) => FlowCounts;
  /** The objects may have changed. */
  readonly changed: () => void;
}

function flowOf(request: Identified, schema: CompiledSchema, shared: Shared): Flow {
  const { level, headers } = schema;
  return {
    headers,
    enter(patience) {
      const width = widthOf(request, shared.load, level.mostSeats);
      const progress = progressOf(request.target, schema, widestOf(width), shared);
      return level.queues.enter({
        flow: level.exempt ? schema.name : `${schema.name}\0${schema.distinguisher(request)}`,
        width,
        patience,
        progress,
        signal: () => request.request.signal,
        refusal: () => tooManyRequests(level.retryAfter.seconds),
      });
    },
  };
}

function progressOf(target: Target, schema: CompiledSchema, seats: number, shared: Shared): Progress {
  const { current } = shared;
  const { level } = schema;
  const counts = shared.countsOf(schema);
  const kind = isReadOnly(target) ? "readOnly" : "mutating";
  counts.estimated(seats);
  return {
    queued() {
      counts.waiting += 1;
      counts.waitingSeats += seats;
    },
    unqueued() {
      counts.waiting -= 1;
      counts.waitingSeats -= seats;
    },
    started(waited) {
      counts.dispatched += 1;
      counts.executing += 1;
      counts.executingSeats += seats;
      current[kind] += 1;
      if (!level.exempt) counts.waited(waited, true);
    },
    ended(took) {
      counts.executing -= 1;
      counts.executingSeats -= seats;
      current[kind] -= 1;
      counts.executed(took, target.verb === "watch");
      if (kind === "mutating" && target.type === "resource" && target.group === group) shared.changed();
    },
    refused(why, waited) {
      counts.refused.set(why, (counts.refused.get(why) ?? 0) + 1);
      counts.waited(waited, false);
      level.retryAfter.refused(shared.timers.now());
    },
  };
}

type Stored = Parameters<typeof configure>[0];

/** Reads the objects when they have changed; one reading at a time, and once more when asked meanwhile. */
function createSource(
  { reader, writer, clock }: FlowControlParts,
  take: (stored: Stored) => void,
): { refresh(anyway?: boolean): Promise<void> } {
  let known = "";
  let running: Promise<void> | undefined;
  let again: Promise<void> | undefined;
  const read = async (anyway: boolean): Promise<void> => {
    const generations = `${await reader.generation(schemas)} ${await reader.generation(levels)}`;
    if (generations === known && !anyway) return;
    const stored = {
      schemas: await reader.list<FlowSchema>(schemas),
      levels: await reader.list<PriorityLevelConfiguration>(levels),
    };
    take(stored);
    known = generations;
    const names = new Set(stored.levels.map(({ metadata }) => metadata?.name));
    await tellDangling(stored.schemas, (name) => names.has(name), { writer, now: () => clock.now() });
  };
  const run = (anyway: boolean): Promise<void> => {
    running = read(anyway).finally(() => (running = undefined));
    return running;
  };
  return {
    refresh(anyway = false) {
      if (running === undefined) return run(anyway);
      again ??= running
        .catch(() => undefined)
        .then(() => {
          again = undefined;
          return run(anyway);
        });
      return again;
    },
  };
}
