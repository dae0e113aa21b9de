import type { Allotment, Requests } from "./admission.ts";

/** What the pods that are on a node, and have not ended, were given. */
export class NodeAllotment implements Allotment {
  readonly #requests = new Map<string, Requests>();
  readonly #sums = new Map<string, bigint>();
  /** Pods that wait for more, by UID. */
  readonly waiting: Set<string> = new Set();
  readonly #wake: (uid: string) => void;

  constructor(wake: (uid: string) => void) {
    this.#wake = wake;
  }

  get pods(): number {
    return this.#requests.size;
  }

  used(resource: string): bigint {
    return this.#sums.get(resource) ?? 0n;
  }

  /** In place of what it had before. */
  give(uid: string, requests: Requests): void {
    this.take(uid);
    this.#requests.set(uid, requests);
    for (const [resource, { nano }] of requests) this.#sums.set(resource, this.used(resource) + nano);
  }

  /** Others may have what becomes free. */
  take(uid: string): void {
    const given = this.#requests.get(uid);
    if (given === undefined) return;
    for (const [resource, { nano }] of given) this.#sums.set(resource, this.used(resource) - nano);
    this.#requests.delete(uid);
    this.waiting.delete(uid);
    for (const waiting of this.waiting) this.#wake(waiting);
  }
}
