import { formatMicroTime } from "../../api/machinery/time.ts";
import type { ApiResponse } from "../../api/wire.ts";
import type { PriorityLevel } from "./priority-level.ts";

const prefix = "/debug/api_priority_and_fairness/";

type Row = readonly (string | number | boolean)[];
type Levels = readonly { readonly level: PriorityLevel; readonly leaving: boolean }[];

/** Upstream's tables for people who wonder why requests wait; undefined for other paths. */
export function dump(path: string, levels: Levels): ApiResponse | undefined {
  if (!path.startsWith(prefix)) return undefined;
  switch (path.slice(prefix.length)) {
    case "dump_priority_levels":
      return table([priorityLevelColumns, ...levels.map(priorityLevel)]);
    case "dump_queues":
      return table([queueColumns, ...levels.flatMap(queues)]);
    case "dump_requests":
      return table([requestColumns, ...levels.flatMap(requests)]);
    default:
      return undefined;
  }
}

const priorityLevelColumns = [
  "PriorityLevelName",
  "ActiveQueues",
  "IsIdle",
  "IsQuiescing",
  "WaitingRequests",
  "ExecutingRequests",
];

function priorityLevel({ level, leaving }: Levels[number]): Row {
  const { waiting, executing } = level.queues.counts;
  const active = [...level.queues.dump()].filter((queue) => queue.waiting.length > 0).length;
  return [level.name, active, level.queues.idle, leaving, waiting, executing];
}

const queueColumns = [
  "PriorityLevelName",
  "Index",
  "PendingRequests",
  "ExecutingRequests",
  "SeatsInUse",
  "NextDispatchR",
];

function queues({ level }: Levels[number]): readonly Row[] {
  return [...level.queues.dump()].map((queue) => [
    level.name,
    queue.index,
    queue.waiting.length,
    queue.executing,
    queue.seatsInUse,
    `${(queue.next / 1000).toFixed(8)}ss`,
  ]);
}

const requestColumns = [
  "PriorityLevelName",
  "FlowSchemaName",
  "QueueIndex",
  "RequestIndexInQueue",
  "FlowDistingsher",
  "ArriveTime",
  "InitialSeats",
  "FinalSeats",
  "AdditionalLatency",
];

function requests({ level }: Levels[number]): readonly Row[] {
  return [...level.queues.dump()].flatMap((queue) =>
    queue.waiting.map(({ entering, arrived }, index): Row => {
      const { seats, final } = entering.width;
      const [schema = "", distinguisher = ""] = entering.flow.split("\0");
      const latency = `${final?.milliseconds ?? 0}ms`;
      const time = formatMicroTime(arrived);
      return [level.name, schema, queue.index, index, distinguisher, time, seats, final?.seats ?? 0, latency];
    }),
  );
}

/** Columns are padded to the widest cell, as Go's tabwriter does it. */
function table(rows: readonly Row[]): ApiResponse {
  const texts = rows.map((row) => row.map((cell, index) => `${cell}${index < row.length - 1 ? "," : ""}`));
  const widths = (texts[0] ?? []).map((_, index) => Math.max(...texts.map((row) => row[index]?.length ?? 0)) + 1);
  const lines = texts.map((row) =>
    row.map((cell, index) => (index < row.length - 1 ? cell.padEnd(widths[index] ?? 0) : cell)).join(""),
  );
  const bytes = Buffer.from(`${lines.join("\n")}\n`);
  return { status: 200, headers: { "content-type": "text/plain; charset=utf-8" }, body: { type: "bytes", bytes } };
}
