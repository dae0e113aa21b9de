import { qualified } from "../api/machinery/status.ts";
import { realClock } from "../base/clock.ts";
import type { Resources } from "./create-resources.ts";
import { createFlowControl, type PriorityAndFairness } from "./flow-control/create-flow-control.ts";
import type { FlowControl } from "./flow-control/flow-control.ts";
import { createInFlightLimit, defaultInFlight } from "./flow-control/in-flight-limit.ts";
import type { ServerOptions } from "./server-options.ts";
import type { ResourceCache } from "./watch-cache/resource-cache.ts";

/** Priorities and fairness, or two plain limits (then `fairness` is undefined). */
export function setUpFlowControl(
  { reader, writer, cache, kindOf }: Resources,
  options: ServerOptions,
): { readonly flowControl: FlowControl; readonly fairness: PriorityAndFairness | undefined } {
  const { clock, log, metrics, inFlight = defaultInFlight, timers = realClock } = options;
  if (options.priorityAndFairness === false) return { flowControl: createInFlightLimit(inFlight), fairness: undefined };
  const loaded = (group: string, resource: string): ResourceCache | undefined => {
    const kind = kindOf(qualified({ group, resource }));
    return kind && cache.loaded(kind);
  };
  const fairness = createFlowControl({
    reader,
    writer,
    clock,
    timers,
    inFlight,
    log,
    metrics,
    load: {
      objects(group, resource) {
        const found = loaded(group, resource);
        return found && { count: found.size };
      },
      watches: ({ group, resource }) => loaded(group, resource)?.listenerCount ?? 0,
    },
  });
  return { flowControl: fairness, fairness };
}
