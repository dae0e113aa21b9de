import { setMaxListeners } from "node:events";
import type { Transport, UserInfo } from "../api/wire.ts";
import type { Activity } from "../base/activity.ts";
import type { Clock } from "../base/clock.ts";
import type { Logger } from "../base/log.ts";
import type { Random } from "../base/random.ts";
import { Scope } from "../base/scope.ts";
import type { Turns } from "../base/turns.ts";
import { createClient } from "../client/client.ts";
import { createEventRecorder } from "../client/events/create-event-recorder.ts";
import { createInformers } from "../client/informers.ts";
import { createReconciler, type Reconciler } from "../client/reconciler.ts";
import type { ControllerConfig } from "./config.ts";
import type { Controller } from "./controller.ts";

export interface RunDeps {
  /** Requests as a user. */
  readonly as: (user: UserInfo) => Transport;
  readonly config: ControllerConfig;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  readonly activity: Activity;
  readonly turns: Turns;
}

const userAgent = "kube-controller-manager/v1.36";

/** Starts controllers, as a leader does; resolves when they know the cluster and have begun. Disposing of it ends them. */
export async function runControllers(controllers: readonly Controller[], deps: RunDeps): Promise<AsyncDisposable> {
  const { as, config, clock, random, log, activity, turns } = deps;
  await using scope = new Scope();
  const ending = new AbortController();
  const { signal } = ending;
  // Every request under way listens.
  setMaxListeners(0, signal);
  const manager = as(managerUser);
  const informers = scope.use(createInformers({ transport: manager, userAgent, clock, random, log, activity, signal }));
  const reconcilers: Reconciler[] = [];
  for (const controller of controllers) {
    const transport = as(userOf(controller));
    const client = createClient({ transport, userAgent, seen: informers.seen, signal });
    const { component = controller.name } = controller;
    const events = scope.use(
      createEventRecorder({ api: "v1", component, transport, userAgent, clock, random, log, activity }),
    );
    const stop = controller.start({
      client,
      transport,
      informers,
      events,
      clock,
      random,
      log,
      config,
      reconciler(options) {
        const reconciler = createReconciler(
          { ...options, name: options.name ?? controller.name },
          { clock, activity, turns, log },
        );
        reconcilers.push(scope.use(reconciler));
        return reconciler;
      },
    });
    if (stop !== undefined) scope.defer(stop);
  }
  // First of all at the end: what waits for the server stops waiting.
  scope.defer(() => ending.abort());
  await informers.synced();
  for (const reconciler of reconcilers) reconciler.begin();
  const running = scope.move();
  return { [Symbol.asyncDispose]: () => running[Symbol.asyncDispose]() };
}

const managerUser: UserInfo = {
  name: "system:kube-controller-manager",
  groups: ["system:authenticated"],
};

/** https://kubernetes.io/docs/reference/access-authn-authz/rbac/#controller-roles */
function userOf({ name, serviceAccount = name, asManager }: Controller): UserInfo {
  if (asManager === true) return managerUser;
  return {
    name: `system:serviceaccount:kube-system:${serviceAccount}`,
    groups: ["system:serviceaccounts", "system:serviceaccounts:kube-system", "system:authenticated"],
  };
}
