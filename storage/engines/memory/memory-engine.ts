import { setImmediate } from "node:timers/promises";
import type { Commit, Engine, Mark } from "../../mvcc/engine.ts";
import { openMvcc } from "../../mvcc/mvcc-store.ts";
import type { StoreOptions } from "../../options.ts";
import type { Revision, Store } from "../../store.ts";

/** A chain of promises starves sockets: let the loop turn after so many commits, and after so many values in one read. */
const commitsPerTurn = 50;
const valuesPerTurn = 500;

/** A store that is gone with the process: for tests and clusters that live in one. */
export async function openMemoryStore(options: StoreOptions = {}): Promise<Store> {
  return await openMvcc(new MemoryEngine(), options);
}

export class MemoryEngine implements Engine {
  readonly #values = new Map<Revision, Buffer>();
  #commits = 0;

  async load(): Promise<Mark> {
    return await Promise.resolve({ revision: 0, swept: 0, retained: 0 });
  }

  async commit({ changes, forget }: Commit): Promise<void> {
    for (const { version, value } of changes) if (value !== undefined) this.#values.set(version.mod, value);
    for (const revision of forget) this.#values.delete(revision);
    if (++this.#commits % commitsPerTurn === 0) await setImmediate();
  }

  async values(revisions: readonly Revision[]): Promise<(Buffer | undefined)[]> {
    if (revisions.length >= valuesPerTurn) await setImmediate();
    return revisions.map((revision) => this.#values.get(revision));
  }

  async close(): Promise<void> {
    this.#values.clear();
    await Promise.resolve();
  }
}
