import type { Decision } from "../authorizer.ts";

/** Decisions for a while, the most recently used of them. */
export class DecisionCache {
  readonly #most: number;
  readonly #now: () => number;
  /** The least recently used first. */
  readonly #entries = new Map<string, { readonly decision: Decision; readonly until: number }>();

  constructor(most: number, now: () => number) {
    this.#most = most;
    this.#now = now;
  }

  get(key: string): Decision | undefined {
    const entry = this.#entries.get(key);
    if (entry === undefined) return undefined;
    this.#entries.delete(key);
    if (entry.until <= this.#now()) return undefined;
    this.#entries.set(key, entry);
    return entry.decision;
  }

  set(key: string, decision: Decision, milliseconds: number): void {
    if (milliseconds <= 0) return;
    this.#entries.delete(key);
    this.#entries.set(key, { decision, until: this.#now() + milliseconds });
    if (this.#entries.size <= this.#most) return;
    const [oldest] = this.#entries.keys();
    if (oldest !== undefined) this.#entries.delete(oldest);
  }
}
