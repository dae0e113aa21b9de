import { createReconciler, type ReconcilerDeps } from "../../client/reconciler.ts";
import type { PodWorker } from "./pod-worker.ts";

/** The workers of all pods, of one node or of many: one queue, so that nobody waits longer for having many neighbours. */
export interface PodWorkers extends AsyncDisposable {
  put(worker: PodWorker): void;
  forget(uid: string): void;
  wake(uid: string): void;
}

/** Requests at once. */
const workers = 64;
/** Between two tries of a write that is refused. */
const backoff = { first: 10, most: 60_000 };

export function createPodWorkers(deps: ReconcilerDeps): PodWorkers {
  const byUid = new Map<string, PodWorker>();
  const reconcile = async (uid: string): Promise<void> => {
    await byUid.get(uid)?.reconcile();
  };
  const reconciler = createReconciler({ name: "kubelet", reconcile, workers, backoff }, deps);
  reconciler.begin();
  return {
    put: (worker) => void byUid.set(worker.uid, worker),
    forget: (uid) => void byUid.delete(uid),
    wake: (uid) => reconciler.add(uid),
    [Symbol.asyncDispose]: () => reconciler[Symbol.asyncDispose](),
  };
}
