import type { Namespace, Pod } from "../../api/generated/types/core-v1.ts";
import { isPodTerminal } from "../../api/core/pod-state.ts";
import type { DeepReadonly } from "../../api/machinery/object.ts";
import { timeMillis } from "../../api/machinery/time.ts";
import type { Informer } from "../../client/informer.ts";
import type { Outcome } from "../../client/reconciler.ts";
import { namespaces, pods } from "../../client/resource-types.ts";
import type { Controller, ControllerDeps } from "../controller.ts";
import { type Discovered, discoveryFailure, type DiscoveredResource } from "../discovery/discovered.ts";
import { createDiscoveryFetch } from "../discovery/fetch-discovery.ts";
import { type Attempt, conditionsAfter } from "./conditions.ts";
import { type Deleted, deleteContent } from "./delete-content.ts";

/** Resources that are emptied at once. */
const atOnce = 8;
const finalizer = "kubernetes";

/** Empties namespaces that are deleted, pods first, and then lets them go. https://kubernetes.io/docs/tasks/administer-cluster/namespaces/#deleting-a-namespace */
export const namespaceController: Controller = {
  name: "namespace-controller",
  start(deps) {
    const all = deps.informers.of(namespaces);
    const allPods = deps.informers.of(pods);
    // Asked of the server each time: a kind that nobody knows of would leave objects behind.
    const parts: Parts = { ...deps, all, allPods, discover: createDiscoveryFetch(deps.transport) };
    const queue = deps.reconciler({
      workers: 10,
      backoff: { first: 5, most: 60_000 },
      reconcile: (name) => reconcile(name, parts),
    });
    const add = ({ metadata }: DeepReadonly<Namespace>): void => {
      if (metadata?.deletionTimestamp !== undefined) queue.add(metadata.name ?? "");
    };
    all.on({
      added: add,
      updated(namespace, { metadata }) {
        // What else changes is what this controller writes.
        if (metadata?.deletionTimestamp === undefined) add(namespace);
      },
    });
    // The others wait for the pods.
    allPods.on({
      deleted({ metadata }) {
        const namespace = all.get(metadata?.namespace ?? "");
        if (namespace !== undefined) add(namespace);
      },
    });
  },
};

interface Parts extends Pick<ControllerDeps, "client" | "transport" | "clock" | "log" | "config"> {
  readonly all: Informer<Namespace>;
  readonly allPods: Informer<Pod>;
  readonly discover: () => Promise<Discovered>;
}

async function reconcile(name: string, parts: Parts): Promise<Outcome> {
  const namespace = parts.all.get(name);
  const deletedAt = timeMillis(namespace?.metadata?.deletionTimestamp);
  if (namespace === undefined || deletedAt === undefined || !isOurs(namespace)) return;
  const wait = deletedAt + parts.config.namespaceSettlingMs - parts.clock.now();
  if (wait > 0) return { after: wait };
  const { attempt, estimate } = await empty(name, deletedAt, parts);
  const told = await report(namespace, attempt, parts);
  const failures = [...(attempt.discoveryFailure === undefined ? [] : [attempt.discoveryFailure]), ...attempt.failures];
  if (failures.length > 0) throw new Error(failures.join(", "));
  if (estimate > 0) return { after: (Math.floor(estimate / 2) + 1) * 1000 };
  await finalize(told, parts);
}

function isOurs({ spec }: DeepReadonly<Namespace>): boolean {
  return spec?.finalizers?.includes(finalizer) === true;
}

interface Emptied {
  readonly attempt: Attempt;
  /** Seconds until what remains may be gone. */
  readonly estimate: number;
}

/** As long as there are pods all else stays, for what they still need of it. https://kep.k8s.io/5080 */
async function empty(namespace: string, deletedAt: number, parts: Parts): Promise<Emptied> {
  const { resources, failure } = await discover(parts);
  const deletable = resources.filter(isDeletable);
  const isPods = ({ group, type }: DiscoveredResource): boolean => group === "" && type.plural === "pods";
  const grace = graceOfPods(namespace, deletedAt, parts);
  const first = await deleteAll(deletable.filter(isPods), namespace, grace, parts);
  if (first.some((one) => one.remaining !== undefined || one.failure !== undefined)) return emptied(first, failure);
  const rest = await deleteAll(
    deletable.filter((resource) => !isPods(resource)),
    namespace,
    0,
    parts,
  );
  return emptied([...first, ...rest], failure);
}

function emptied(all: readonly Deleted[], failure: string | undefined): Emptied {
  const attempt: Attempt = {
    discoveryFailure: failure,
    failures: all.flatMap((one) => one.failure ?? []),
    remaining: all.flatMap((one) => one.remaining ?? []),
  };
  return { attempt, estimate: Math.max(0, ...all.map(({ estimate }) => estimate)) };
}

/** What can be known is gone on with. */
async function discover({ discover: ask }: Parts): Promise<{
  readonly resources: readonly DiscoveredResource[];
  readonly failure: string | undefined;
}> {
  try {
    const discovered = await ask();
    const failure = discoveryFailure(discovered);
    const intro = `Discovery failed for some groups, ${discovered.failed.size} failing`;
    return { resources: discovered.resources, failure: failure && `${intro}: ${failure}` };
  } catch (thrown) {
    if (thrown instanceof Error) return { resources: [], failure: thrown.message };
    throw thrown;
  }
}

function isDeletable({ type, verbs, isPreferred }: DiscoveredResource): boolean {
  return isPreferred && type.scope === "Namespaced" && verbs.has("delete");
}

async function deleteAll(
  resources: readonly DiscoveredResource[],
  namespace: string,
  grace: number,
  parts: Parts,
): Promise<readonly Deleted[]> {
  const deleted: Deleted[] = [];
  for (let first = 0; first < resources.length; first += atOnce) {
    const some = resources.slice(first, first + atOnce);
    deleted.push(...(await Promise.all(some.map((resource) => deleteContent(resource, namespace, grace, parts)))));
  }
  return deleted;
}

/** Seconds that pods may take to end; none once the namespace has been on its way out for longer. */
function graceOfPods(namespace: string, deletedAt: number, { allPods, clock }: Parts): number {
  let grace = 0;
  for (const pod of allPods.list(namespace))
    if (!isPodTerminal(pod)) grace = Math.max(grace, pod.spec?.terminationGracePeriodSeconds ?? 0);
  return clock.now() - deletedAt >= grace * 1000 ? 0 : grace;
}

/** That the conditions cannot be written keeps nothing from going on. */
async function report(
  namespace: DeepReadonly<Namespace>,
  attempt: Attempt,
  { client, clock, log }: Parts,
): Promise<DeepReadonly<Namespace>> {
  const before = namespace.status?.conditions ?? [];
  const conditions = conditionsAfter(attempt, before, clock.now());
  if (conditions === before && namespace.status?.phase === "Terminating") return namespace;
  try {
    const status = { ...namespace.status, phase: "Terminating", conditions };
    return await client.update(namespaces, { ...namespace, status }, "status");
  } catch (thrown) {
    log.info("a namespace's conditions could not be written", {
      namespace: namespace.metadata?.name,
      error: String(thrown),
    });
    return namespace;
  }
}

async function finalize(namespace: DeepReadonly<Namespace>, { client }: Parts): Promise<void> {
  const finalizers = (namespace.spec?.finalizers ?? []).filter((one) => one !== finalizer).toSorted();
  await client.update(namespaces, { ...namespace, spec: { ...namespace.spec, finalizers } }, "finalize");
}
