/** An informer may learn of a node later than of its pods: so long nobody is called an orphan. */
const quarantineMs = 40_000;

/** Nodes that pods are bound to and that nobody has seen; bounded by the number of pods. */
export class MissingNodes {
  readonly #since = new Map<string, number>();

  /** The names that are missing now. Answers those that have been for long enough to ask the server about them. */
  update(names: ReadonlySet<string>, now: number): readonly string[] {
    for (const name of this.#since.keys()) if (!names.has(name)) this.#since.delete(name);
    for (const name of names) if (!this.#since.has(name)) this.#since.set(name, now);
    return [...this.#since].filter(([, since]) => now - since >= quarantineMs).map(([name]) => name);
  }

  /** It has been asked about: the time begins anew, if it is still missing then. */
  forget(name: string): void {
    this.#since.delete(name);
  }
}
