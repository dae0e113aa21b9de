import { type Measurement, ms } from "./measurement.ts";
import { runApart } from "./run-apart.ts";
import { scaled } from "./scale.ts";
import { median } from "./statistics.ts";

const rounds = scaled(5, 2);

export interface Day {
  readonly nodes: number;
  readonly hasCronJob: boolean;
}

export interface DayResult {
  /** From nothing to a settled cluster. */
  readonly readyMs: number;
  readonly ms: number;
  /** That succeeded. */
  readonly jobs: number;
}

const days: readonly (Day & { readonly what: string })[] = [
  { what: "no node, nothing to do", nodes: 0, hasCronJob: false },
  { what: "no node, an hourly CronJob, pods played by the test", nodes: 0, hasCronJob: true },
  { what: "1 node, nothing to do", nodes: 1, hasCronJob: false },
  { what: "1 node, an hourly CronJob", nodes: 1, hasCronJob: true },
];

/** 24 hours of simulated time, each in a process of its own, as the first test of a file has it. */
export const virtualDay: Measurement = {
  name: "virtual-day",
  title: "A virtual day in simulated time",
  async measure() {
    const rows: string[][] = [];
    for (const { what, ...day } of days) {
      const results: DayResult[] = [];
      for (let round = 0; round < rounds; round++)
        results.push((await runApart(new URL("virtual-day-child.ts", import.meta.url), day)) as DayResult);
      const figure = (of: (result: DayResult) => number): number => median(results.map(of));
      rows.push([
        what,
        ms(figure(({ readyMs }) => readyMs)),
        ms(figure((result) => result.ms)),
        String(figure(({ jobs }) => jobs)),
      ]);
    }
    return { columns: ["cluster", "ready ms", "the day ms", "jobs done"], rows };
  },
};
