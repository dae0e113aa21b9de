import type { ContainerExit } from "../runtime/runtime.ts";
import { type BackOff, heldUntil, longer } from "./back-off.ts";

/** A start that came to nothing: no image, no container. */
export interface FailedStart {
  readonly backOff: BackOff;
  readonly at: number;
  /** `ErrImagePull: not found` */
  readonly error: string;
}

/** How often the containers of a pod were tried to be started, and how long they must wait. The sandbox goes by "". */
export class StartAttempts {
  /** Of containers that have run and ended. Most pods have none. */
  #crashes: Map<string, BackOff> | undefined;
  #failures: Map<string, FailedStart> | undefined;

  /** A container that has ended is started again. */
  again(name: string, exit: ContainerExit, now: number): void {
    const crashes = (this.#crashes ??= new Map());
    crashes.set(name, longer(crashes.get(name), exit.finishedAt, now));
  }

  failed(name: string, error: string, at: number): void {
    const failures = (this.#failures ??= new Map());
    failures.set(name, { backOff: longer(failures.get(name)?.backOff, at, at), at, error });
  }

  succeeded(name: string): void {
    this.#failures?.delete(name);
  }

  /** What was wrong may have been changed. */
  forgetFailures(): void {
    this.#failures = undefined;
  }

  failure(name: string): FailedStart | undefined {
    return this.#failures?.get(name);
  }

  /** Milliseconds that a container which has ended waits. */
  crashDelay(name: string): number {
    return this.#crashes?.get(name)?.ms ?? 0;
  }

  heldUntil(name: string, exit: ContainerExit | undefined): number | undefined {
    const failed = this.#failures?.get(name);
    const failure = failed === undefined ? undefined : heldUntil(failed.backOff, failed.at);
    const crash = exit === undefined ? undefined : heldUntil(this.#crashes?.get(name), exit.finishedAt);
    return crash === undefined ? failure : Math.max(crash, failure ?? 0);
  }
}
