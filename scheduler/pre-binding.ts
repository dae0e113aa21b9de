/** Pods whose binding waits for other writes (volumes, devices): until it is written itself, preemption can still stop it. */
export interface PreBinding {
  /** The signal that ends PreBind. */
  begin(uid: string, ending: AbortSignal): AbortSignal;
  /** PreBind is over: from here on the pod can no longer be stopped. Throws why it was. */
  end(uid: string): void;
  /** False: the pod is not in PreBind. */
  cancel(uid: string, why: string): boolean;
}

export function createPreBinding(): PreBinding {
  const controllers = new Map<string, AbortController>();
  return {
    begin(uid, ending) {
      const controller = new AbortController();
      controllers.set(uid, controller);
      return AbortSignal.any([ending, controller.signal]);
    },
    end(uid) {
      const signal = controllers.get(uid)?.signal;
      controllers.delete(uid);
      signal?.throwIfAborted();
    },
    cancel(uid, why) {
      const controller = controllers.get(uid);
      controller?.abort(new Error(why));
      return controller !== undefined;
    },
  };
}
