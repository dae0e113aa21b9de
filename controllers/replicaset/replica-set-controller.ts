import { replicaSets } from "../../client/resource-types.ts";
import type { Controller } from "../controller.ts";
import { selectorReader } from "../workload-selector.ts";
import { replicaController } from "./replica-controller.ts";

export const replicaSetController: Controller = replicaController({
  name: "replicaset-controller",
  type: replicaSets,
  selectorReader,
  countsTerminating: true,
});
