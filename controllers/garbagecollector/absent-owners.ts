import type { Identity } from "./identity.ts";

const most = 500;

/** Owners that the server has said not to exist: of many dependents only the first has to ask. The least used are forgotten. */
export class AbsentOwners {
  /** In the order of their last use. */
  readonly #keys = new Set<string>();

  has(identity: Identity): boolean {
    const key = keyOf(identity);
    if (!this.#keys.delete(key)) return false;
    this.#keys.add(key);
    return true;
  }

  add(identity: Identity): void {
    const key = keyOf(identity);
    this.#keys.delete(key);
    this.#keys.add(key);
    if (this.#keys.size <= most) return;
    for (const oldest of this.#keys) {
      this.#keys.delete(oldest);
      return;
    }
  }
}

function keyOf({ apiVersion, kind, namespace, name, uid }: Identity): string {
  return JSON.stringify([apiVersion, kind, namespace, name, uid]);
}
