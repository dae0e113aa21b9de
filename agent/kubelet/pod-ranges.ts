import type { Node } from "../../api/generated/types/core-v1.ts";
import type { DeepReadonly } from "../../api/machinery/object.ts";
import type { Clock } from "../../base/clock.ts";
import type { Runtime } from "../runtime/runtime.ts";

/** The controller that gives networks to nodes takes no longer, where there is one. */
const patienceMs = 1_000;

export interface PodRanges {
  /** Resolves when pods can get addresses; undefined when they can. */
  readonly known: Promise<void> | undefined;
  readonly seen: (node: DeepReadonly<Node>) => void;
  stop(): void;
}

/** Tells the runtime which networks the node has been given, or after a while that it may use the one that it brought. */
export function podRanges({
  runtime,
  fallback,
  clock,
}: {
  readonly runtime: Runtime;
  readonly fallback: string;
  readonly clock: Clock;
}): PodRanges {
  let before = "";
  let resolve = (): void => {};
  let known: Promise<void> | undefined = new Promise((call) => (resolve = call));
  const set = (ranges: readonly string[]): void => {
    if (ranges.join() === before) return;
    before = ranges.join();
    runtime.setPodRanges(ranges);
    known = undefined;
    cancel();
    resolve();
  };
  const cancel = clock.after(patienceMs, () => set([fallback]));
  return {
    get known() {
      return known;
    },
    seen({ spec }) {
      const ranges = spec?.podCIDRs ?? (spec?.podCIDR === undefined ? [] : [spec.podCIDR]);
      if (ranges.length > 0) set(ranges);
    },
    stop: cancel,
  };
}
