import type { Deployment } from "../../api/generated/types/apps-v1.ts";
import type { DeepReadonly } from "../../api/machinery/object.ts";
import { isControlledBy } from "../../api/machinery/owners.ts";
import { ApiError } from "../../api/machinery/status.ts";
import { replicaSets } from "../../client/resource-types.ts";
import type { ControllerDeps } from "../controller.ts";
import { isNamespaceGoing } from "../pods/pod-control.ts";
import { equalIgnoringHash } from "./new-replica-set.ts";
import type { Step } from "./plan.ts";
import { nameOf, type SeenSet, sizeOf } from "./replica-sets.ts";

export type Performed =
  /** `sets`: as they are now. */
  | { readonly is: "done"; readonly sets: readonly SeenSet[]; readonly hasCreated: boolean }
  /** Another template's ReplicaSet has the name. */
  | { readonly is: "collision" }
  /** The new ReplicaSet was refused. */
  | { readonly is: "refused"; readonly message: string; readonly thrown: unknown };

type Deps = Pick<ControllerDeps, "client" | "events">;
type Owner = DeepReadonly<Deployment>;

/** Takes the steps one after the other; what fails is thrown, and the rest is planned anew. */
export async function perform(
  steps: readonly Step[],
  { deployment, sets }: { readonly deployment: Owner; readonly sets: readonly SeenSet[] },
  deps: Deps,
): Promise<Performed> {
  const after = new Map(sets.map((set) => [nameOf(set), set]));
  let hasCreated = false;
  for (const step of steps) {
    const name = nameOf(step.set);
    if (step.do === "create") {
      const creation = await create(step.set, deployment, deps);
      if (!("set" in creation)) return creation;
      hasCreated = creation.isNew;
      after.set(name, creation.set);
    } else if (step.do === "update") {
      after.set(name, await deps.client.update(replicaSets, step.set));
      tellOfScaling(deployment, { name, from: step.from, to: sizeOf(step.set) }, deps);
    } else {
      await remove(step.set, deps);
      after.delete(name);
    }
  }
  return { is: "done", sets: [...after.values()], hasCreated };
}

async function create(
  set: SeenSet,
  deployment: Owner,
  deps: Deps,
): Promise<Performed | { readonly set: SeenSet; readonly isNew: boolean }> {
  const name = nameOf(set);
  try {
    const made = await deps.client.create(replicaSets, set);
    tellOfScaling(deployment, { name, from: 0, to: sizeOf(made) }, deps);
    return { set: made, isNew: true };
  } catch (thrown) {
    if (!(thrown instanceof ApiError) || isNamespaceGoing(thrown)) throw thrown;
    if (thrown.reason === "AlreadyExists") {
      const present = await deps.client.get(replicaSets, { namespace: set.metadata?.namespace, name });
      const isOurs = isControlledBy(present, deployment);
      if (isOurs && equalIgnoringHash(present.spec?.template, deployment.spec?.template))
        return { set: present, isNew: false };
      return { is: "collision" };
    }
    const message = `Failed to create new replica set "${name}": ${thrown.message}`;
    deps.events.event(deployment, { type: "Warning", reason: "ReplicaSetCreateError", message });
    return { is: "refused", message, thrown };
  }
}

function tellOfScaling(
  deployment: Owner,
  { name, from, to }: { readonly name: string; readonly from: number; readonly to: number },
  { events }: Deps,
): void {
  if (from === to) return;
  const message = `Scaled ${from < to ? "up" : "down"} replica set ${name} from ${from} to ${to}`;
  events.event(deployment, { type: "Normal", reason: "ScalingReplicaSet", message });
}

/** This very one, and only as long as it is as it was judged. */
async function remove({ metadata }: SeenSet, { client }: Deps): Promise<void> {
  const { namespace, name = "", uid, resourceVersion } = metadata ?? {};
  try {
    await client.delete(replicaSets, { namespace, name }, { preconditions: { uid, resourceVersion } });
  } catch (thrown) {
    if (!(thrown instanceof ApiError) || thrown.reason !== "NotFound") throw thrown;
  }
}
