import { Counter, Gauge, Histogram, type Registry } from "prom-client";
import type { PriorityLevel } from "./priority-level.ts";
import type { Refusal } from "./queue-set.ts";

/** What became of the requests of one schema in one level; plain numbers, so that counting costs nothing. */
export interface FlowCounts {
  dispatched: number;
  executing: number;
  executingSeats: number;
  waiting: number;
  waitingSeats: number;
  readonly refused: Map<Refusal, number>;
  waited(milliseconds: number, execute: boolean): void;
  executed(milliseconds: number, watch: boolean): void;
  estimated(seats: number): void;
}

export interface FlowMetrics {
  countsOf(level: string, schema: string): FlowCounts;
  /** Forgets the counts of what is no longer configured. */
  keep(isConfigured: (level: string, schema: string) => boolean): void;
}

interface MetricsParts {
  readonly registry: Registry;
  readonly levels: () => Iterable<PriorityLevel>;
  readonly fairFraction: () => number;
}

type Entry = { readonly level: string; readonly schema: string; readonly counts: FlowCounts };

const flowLabels = ["priority_level", "flow_schema"] as const;

/** Upstream's names: https://kubernetes.io/docs/concepts/cluster-administration/flow-control/#metrics */
export function createFlowMetrics(parts: MetricsParts): FlowMetrics {
  const flows = new Map<string, Entry>();
  const histograms = addHistograms(parts.registry);
  addFlowCounters(parts.registry, flows);
  addLevelGauges(parts);
  return {
    countsOf(level, schema) {
      const key = `${level}/${schema}`;
      const known = flows.get(key);
      if (known !== undefined) return known.counts;
      const counts = newCounts(histograms, { priority_level: level, flow_schema: schema });
      flows.set(key, { level, schema, counts });
      return counts;
    },
    keep(isConfigured) {
      for (const [key, { level, schema, counts }] of flows)
        if (!isConfigured(level, schema) && counts.executing === 0 && counts.waiting === 0) flows.delete(key);
    },
  };
}

type FlowLabelValues = Readonly<Record<(typeof flowLabels)[number], string>>;
type Histograms = ReturnType<typeof addHistograms>;

function newCounts({ wait, execution, width }: Histograms, labels: FlowLabelValues): FlowCounts {
  const waits = {
    true: wait.labels({ ...labels, execute: "true" }),
    false: wait.labels({ ...labels, execute: "false" }),
  };
  const regular = execution.labels({ ...labels, type: "regular" });
  const watches = execution.labels({ ...labels, type: "watch" });
  const widths = width.labels(labels);
  return {
    dispatched: 0,
    executing: 0,
    executingSeats: 0,
    waiting: 0,
    waitingSeats: 0,
    refused: new Map(),
    waited: (milliseconds, execute) => waits[execute ? "true" : "false"].observe(milliseconds / 1000),
    executed: (milliseconds, watch) => (watch ? watches : regular).observe(milliseconds / 1000),
    estimated: (seats) => widths.observe(seats),
  };
}

function addHistograms(registry: Registry) {
  const registers = [registry];
  return {
    wait: new Histogram({
      name: "apiserver_flowcontrol_request_wait_duration_seconds",
      help: "How long requests waited in their queues.",
      labelNames: [...flowLabels, "execute"],
      buckets: [0, 0.005, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30],
      registers,
    }),
    execution: new Histogram({
      name: "apiserver_flowcontrol_request_execution_seconds",
      help: "How long requests took, without their wait; of a watch, its beginning.",
      labelNames: [...flowLabels, "type"],
      buckets: [0, 0.005, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30],
      registers,
    }),
    width: new Histogram({
      name: "apiserver_flowcontrol_work_estimated_seats",
      help: "How many seats requests were thought to take.",
      labelNames: flowLabels,
      buckets: [1, 2, 4, 10],
      registers,
    }),
  };
}

function addFlowCounters(registry: Registry, flows: ReadonlyMap<string, Entry>): void {
  const registers = [registry];
  const gauges: readonly (readonly [string, string, (counts: FlowCounts) => number])[] = [
    ["current_executing_requests", "Requests that are being executed.", ({ executing }) => executing],
    ["current_executing_seats", "Seats that are taken by requests.", ({ executingSeats }) => executingSeats],
    ["current_inqueue_requests", "Requests that wait.", ({ waiting }) => waiting],
    ["current_inqueue_seats", "Seats that waiting requests will take.", ({ waitingSeats }) => waitingSeats],
  ];
  for (const [name, help, read] of gauges)
    new Gauge({
      name: `apiserver_flowcontrol_${name}`,
      help,
      labelNames: flowLabels,
      registers,
      collect() {
        this.reset();
        for (const { level, schema, counts } of flows.values())
          this.set({ priority_level: level, flow_schema: schema }, read(counts));
      },
    });
  new Counter({
    name: "apiserver_flowcontrol_dispatched_requests_total",
    help: "Requests that were executed.",
    labelNames: flowLabels,
    registers,
    collect() {
      this.reset();
      for (const { level, schema, counts } of flows.values())
        this.inc({ priority_level: level, flow_schema: schema }, counts.dispatched);
    },
  });
  new Counter({
    name: "apiserver_flowcontrol_rejected_requests_total",
    help: "Requests that were turned away.",
    labelNames: [...flowLabels, "reason"],
    registers,
    collect() {
      this.reset();
      for (const { level, schema, counts } of flows.values())
        for (const [reason, count] of counts.refused)
          this.inc({ priority_level: level, flow_schema: schema, reason }, count);
    },
  });
}

function addLevelGauges({ registry, levels, fairFraction }: MetricsParts): void {
  const registers = [registry];
  const gauges: readonly (readonly [string, string, (level: PriorityLevel) => number])[] = [
    ["nominal_limit_seats", "The level's share of the server's seats.", ({ limits }) => limits.nominal],
    ["lower_limit_seats", "Its seats when all that it may lend is lent.", ({ limits }) => limits.lower],
    ["upper_limit_seats", "Its seats with all that it may borrow.", ({ limits }) => limits.upper],
    ["current_limit_seats", "Its seats at present.", ({ seats }) => seats],
    ["demand_seats_high_watermark", "The most seats wanted in the last period.", ({ demand }) => demand.last.highest],
    [
      "demand_seats_average",
      "The seats wanted in the last period, on the average.",
      ({ demand }) => demand.last.average,
    ],
    ["demand_seats_stdev", "The standard deviation of the seats wanted.", ({ demand }) => demand.last.deviation],
    ["demand_seats_smoothed", "The seats wanted, smoothed over periods.", ({ demand }) => demand.last.smoothed],
    ["target_seats", "The seats that it should have had.", ({ target }) => target],
  ];
  for (const [name, help, read] of gauges)
    new Gauge({
      name: `apiserver_flowcontrol_${name}`,
      help,
      labelNames: ["priority_level"],
      registers,
      collect() {
        this.reset();
        for (const level of levels()) this.set({ priority_level: level.name }, read(level));
      },
    });
  new Gauge({
    name: "apiserver_flowcontrol_seat_fair_frac",
    help: "What part of its target a level gets that no bound holds.",
    registers,
    collect() {
      this.set(fairFraction());
    },
  });
}
