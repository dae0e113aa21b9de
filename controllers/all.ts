import type { Controller } from "./controller.ts";
import { replicaSetController } from "./replicaset/replica-set-controller.ts";
import { replicationController } from "./replication/replication-controller.ts";

/** The controllers of kube-controller-manager, all but those of clouds, in its order. */
export const allControllers: readonly Controller[] = [replicationController, replicaSetController];
