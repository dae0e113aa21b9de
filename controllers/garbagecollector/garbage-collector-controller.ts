import type { DeepReadonly, OwnerReference } from "../../api/machinery/object.ts";
import type { Controller, ControllerDeps } from "../controller.ts";
import { watchResources } from "../discovery/known-resources.ts";
import { createMetadataInformers } from "../metadata/metadata-informers.ts";
import { AbsentOwners } from "./absent-owners.ts";
import { Collector } from "./collector.ts";
import type { GraphNode } from "./graph-node.ts";
import { describe, identityOf, objectOf } from "./identity.ts";
import { KindMonitors, patience } from "./kind-monitors.ts";
import { createLiveObjects } from "./live-objects.ts";
import { type GraphWork, ObjectGraph } from "./object-graph.ts";
import { createOwnerStates } from "./owner-states.ts";
import { StartingGate } from "./starting-gate.ts";

/**
 * Deletes what has lost all of its owners, of every kind that the server has, and carries out what deletions ask for:
 * foreground, background or orphaning. https://kubernetes.io/docs/concepts/architecture/garbage-collection/
 */
export const garbageCollectorController: Controller = {
  name: "garbage-collector-controller",
  serviceAccount: "generic-garbage-collector",
  start(deps) {
    const { client, clock } = deps;
    const known = watchResources(deps);
    const informers = createMetadataInformers(deps);
    const absent = new AbsentOwners();
    const collecting = deps.reconciler({
      name: "garbage collector",
      workers: 20,
      reconcile: (uid) => collector.collect(uid),
    });
    const orphaning = deps.reconciler({
      name: "garbage collector, orphans",
      workers: 20,
      reconcile: (uid) => collector.orphan(uid),
    });
    // Dependents may be seen before their owners: nobody is asked about those that are only about to be seen.
    const gate = new StartingGate((uid) => collecting.add(uid));
    const collectLater = (uid: string): void => gate.add(uid);
    const work: GraphWork = {
      collect: collectLater,
      orphan: (uid) => orphaning.add(uid),
      tellInvalidNamespace: (dependent, reference) => tellInvalidNamespace(deps, dependent, reference),
    };
    const graph = new ObjectGraph(work, absent);
    const monitors = new KindMonitors({ informers, graph, clock });
    const live = createLiveObjects(client);
    const ownerStates = createOwnerStates({ graph, known, live, absent });
    const collector = new Collector({ graph, monitors, known, live, ownerStates, collectLater });
    known.onChange((discovered) => {
      monitors.follow(discovered);
      void monitors.allSynced().then(() => gate.open());
      graph.askForVirtual();
    });
    const stopWaiting = clock.after(patience, () => gate.open());
    return async () => {
      stopWaiting();
      await informers[Symbol.asyncDispose]();
    };
  },
};

function tellInvalidNamespace(
  { events }: Pick<ControllerDeps, "events">,
  dependent: GraphNode,
  reference: DeepReadonly<OwnerReference>,
): void {
  const owner = describe(identityOf(reference, dependent.namespace));
  const message = `ownerRef ${owner} does not exist in namespace ${JSON.stringify(dependent.namespace)}`;
  events.event(objectOf(dependent), { type: "Warning", reason: "OwnerRefInvalidNamespace", message });
}
