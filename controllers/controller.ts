import type { Client } from "../client/client.ts";
import type { EventRecorder } from "../client/event-recorder.ts";
import type { Informers } from "../client/informers.ts";
import type { Reconciler, ReconcilerOptions } from "../client/reconciler.ts";
import type { Transport } from "../api/wire.ts";
import type { Clock } from "../base/clock.ts";
import type { Logger } from "../base/log.ts";
import type { Random } from "../base/random.ts";
import type { ControllerConfig } from "./config.ts";

/** What a controller is given; it keeps nothing else of the world. */
export interface ControllerDeps {
  /** As the controller's own user. A write returns when the shared informers have seen it, so that the next reconcile decides by it. */
  readonly client: Client;
  /** For what `client` cannot: discovery, kinds that are known at run time only. As the same user. */
  readonly transport: Transport;
  /** Shared by all controllers. */
  readonly informers: Informers;
  readonly events: EventRecorder;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  readonly config: ControllerConfig;
  /** Makes a queue and its workers; they begin when the informers have synced, and end with the controllers. */
  reconciler(options: Omit<ReconcilerOptions, "name"> & { readonly name?: string }): Reconciler;
}

/** One of the loops of kube-controller-manager. */
export interface Controller {
  /** As in its `--controllers` flag: `deployment-controller`. */
  readonly name: string;
  /** The service account in kube-system that it acts as, where that is not its name. */
  readonly serviceAccount?: string;
  /** Acts as kube-controller-manager itself: it makes what others show who they are with. */
  readonly asManager?: true;
  /** Who its events say they are from, where that is not its name. */
  readonly component?: string;
  /** Puts informers, queues and reconcilers together. What it returns, if anything, is called at the end. */
  start(deps: ControllerDeps): (() => Promise<void> | void) | void;
}
