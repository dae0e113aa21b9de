import type { ReplicationController } from "../../api/generated/types/core-v1.ts";
import { type Selector, selectorOfMap } from "../../api/machinery/labels.ts";
import type { DeepReadonly } from "../../api/machinery/object.ts";
import { replicationControllers } from "../../client/resource-types.ts";
import type { Controller } from "../controller.ts";
import { replicaController } from "../replicaset/replica-controller.ts";

/** https://kubernetes.io/docs/concepts/workloads/controllers/replicationcontroller/ */
export const replicationController: Controller = replicaController({
  name: "replicationcontroller-controller",
  serviceAccount: "replication-controller",
  component: "replication-controller",
  type: replicationControllers,
  selectorReader: () => selectorOf,
  countsTerminating: false,
});

/** One that would select all pods is none. */
function selectorOf({ spec }: DeepReadonly<ReplicationController>): Selector | undefined {
  const selector = selectorOfMap(spec?.selector);
  return selector.requirements.length === 0 ? undefined : selector;
}
