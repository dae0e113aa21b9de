import { lenientSelectorOf } from "../../api/machinery/label-selector.ts";
import { replicaSets } from "../../client/resource-types.ts";
import type { Controller } from "../controller.ts";
import { replicaController } from "./replica-controller.ts";

export const replicaSetController: Controller = replicaController({
  name: "replicaset-controller",
  type: replicaSets,
  selectorOf: ({ spec }) => lenientSelectorOf(spec?.selector),
});
