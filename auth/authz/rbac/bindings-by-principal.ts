import type { UserInfo } from "../../../api/wire.ts";
import type { Binding } from "./binding.ts";

const none: readonly Binding[] = [];

/** The bindings of one namespace, or those for all namespaces, by whom they bind; in the order of their names. */
export class BindingsByPrincipal {
  readonly #of = { user: new Map<string, Binding[]>(), group: new Map<string, Binding[]>() };

  get isEmpty(): boolean {
    return this.#of.user.size === 0 && this.#of.group.size === 0;
  }

  add(binding: Binding): void {
    for (const principal of binding.principals) {
      if (principal === undefined) continue;
      const { type, name } = principal;
      let filed = this.#of[type].get(name);
      if (filed === undefined) this.#of[type].set(name, (filed = []));
      const place = placeOf(binding, filed);
      // A binding may name somebody twice.
      if (filed[place] !== binding) filed.splice(place, 0, binding);
    }
  }

  remove(binding: Binding): void {
    for (const principal of binding.principals) {
      if (principal === undefined) continue;
      const { type, name } = principal;
      const filed = this.#of[type].get(name) ?? [];
      const place = placeOf(binding, filed);
      if (filed[place] === binding) filed.splice(place, 1);
      if (filed.length === 0) this.#of[type].delete(name);
    }
  }

  /** The first that fits; one that binds a user in several ways is asked several times. */
  find(user: UserInfo, fits: (binding: Binding) => boolean): Binding | undefined {
    const own = (this.#of.user.get(user.name) ?? none).find(fits);
    if (own !== undefined) return own;
    for (const group of user.groups) {
      const found = this.#of.group.get(group)?.find(fits);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  /** All that bind a user, each once, in the order of their names. */
  all(user: UserInfo): readonly Binding[] {
    const found = new Set(this.#of.user.get(user.name));
    for (const group of user.groups) for (const binding of this.#of.group.get(group) ?? none) found.add(binding);
    return [...found].toSorted((one, other) => (one.name < other.name ? -1 : 1));
  }
}

/** Where a binding is or belongs in a list that is sorted by name. */
function placeOf({ name }: Binding, sorted: readonly Binding[]): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((sorted[middle]?.name ?? "") < name) low = middle + 1;
    else high = middle;
  }
  return low;
}
