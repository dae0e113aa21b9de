import { selectorOfMap } from "../../api/machinery/labels.ts";
import { replicationControllers } from "../../client/resource-types.ts";
import type { Controller } from "../controller.ts";
import { replicaController } from "../replicaset/replica-controller.ts";

/** https://kubernetes.io/docs/concepts/workloads/controllers/replicationcontroller/ */
export const replicationController: Controller = replicaController({
  name: "replicationcontroller-controller",
  serviceAccount: "replication-controller",
  type: replicationControllers,
  selectorOf: ({ spec }) => selectorOfMap(spec?.selector),
});
