import type { Node } from "../../../api/generated/types/core-v1.ts";
import type { DeepReadonly } from "../../../api/machinery/object.ts";
import { ApiError } from "../../../api/machinery/status.ts";
import type { Clock } from "../../../base/clock.ts";
import type { Logger } from "../../../base/log.ts";
import type { Random } from "../../../base/random.ts";
import type { Client } from "../../../client/client.ts";
import { nodes } from "../../../client/resource-types.ts";
import type { RuntimeImage } from "../../runtime/runtime.ts";
import type { Machine } from "./machine.ts";
import { hasChanged, nodeStatus } from "./node-status.ts";

/** What has changed is told within this time. */
const updateMs = 10_000;
/** What has not is told all the same, as often as a kubelet does. */
export const usualReportMs = 300_000;

export interface NodeStatusDeps {
  readonly client: Client;
  readonly machine: Machine;
  /** Empty where a node does not tell. */
  readonly images: () => readonly RuntimeImage[];
  /** As the watch last told. */
  readonly node: () => DeepReadonly<Node> | undefined;
  /** Milliseconds between two times that it tells what has not changed. */
  readonly reportMs: number;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
}

export interface NodeStatusKeeper {
  /** The Node or what is told of it may have changed. */
  look(): void;
  stop(): void;
}

/** Keeps the Node's status true. Nothing is asked for and no time is spent while nothing changes. https://kubernetes.io/docs/concepts/architecture/nodes/#node-heartbeats */
export function keepNodeStatus({
  client,
  machine,
  images,
  node,
  reportMs,
  clock,
  random,
  log,
}: NodeStatusDeps): NodeStatusKeeper {
  let cancel = (): void => {};
  let dueAt = Infinity;
  let reportAt = clock.now() + reportMs / 2 + random.integer(reportMs);
  let isStopped = false;
  const status = (): ReturnType<typeof nodeStatus> =>
    nodeStatus(node()?.status, { machine, images: images(), now: clock.now() });
  const schedule = (at: number): void => {
    if (isStopped || at >= dueAt) return;
    dueAt = at;
    cancel();
    cancel = clock.after(Math.max(at - clock.now(), 0), () => void write());
  };
  const write = async (): Promise<void> => {
    dueAt = Infinity;
    const known = node();
    const next = status();
    const isChange = hasChanged(known?.status, next);
    if (known !== undefined && (isChange || clock.now() >= reportAt)) {
      try {
        // Merged condition by condition: others have theirs.
        await client.patch(
          nodes,
          { name: machine.nodeName },
          { status: next },
          { subresource: "status", type: "strategic" },
        );
        reportAt = clock.now() + (isChange ? reportMs / 2 + random.integer(reportMs) : reportMs);
      } catch (thrown) {
        if (isStopped) return;
        const isEveryday = thrown instanceof ApiError && thrown.code === 404;
        if (!isEveryday)
          log.warn("a node's status could not be written", { node: machine.nodeName, error: String(thrown) });
        schedule(clock.now() + updateMs);
      }
    }
    schedule(reportAt > clock.now() ? reportAt : clock.now() + updateMs);
  };
  schedule(reportAt);
  return {
    look() {
      if (dueAt > clock.now() + updateMs && hasChanged(node()?.status, status())) schedule(clock.now() + updateMs);
    },
    stop() {
      isStopped = true;
      cancel();
    },
  };
}
