import { qualified } from "../api/machinery/status.ts";
import type { ResourceRow } from "../api/resource.ts";
import { apiVersionOf, type Kind, type KindVersion } from "./encoding/kind.ts";

/** Kinds that come and go with their CustomResourceDefinitions. */
export interface CustomKinds {
  kinds(): readonly Kind[];
  /** Moves with every change of `kinds`. */
  readonly version: number;
}

export interface FoundKind {
  readonly kind: Kind;
  readonly version: KindVersion;
}

interface Index {
  /** By `v1/pods`, `apps/v1/deployments`. */
  readonly served: ReadonlyMap<string, FoundKind>;
  /** By `pods`, `deployments.apps`. */
  readonly named: ReadonlyMap<string, Kind>;
}

interface Current extends Index {
  readonly version: number;
  readonly rows: readonly ResourceRow[];
}

/** Which kinds are served right now; built-in ones come before custom ones of the same name. */
export class Kinds {
  readonly #builtin: readonly Kind[];
  readonly #custom: CustomKinds;
  readonly #fixed: Index;
  #moving: Current;

  constructor(builtin: readonly Kind[], custom: CustomKinds) {
    this.#builtin = builtin;
    this.#custom = custom;
    this.#fixed = indexOf(builtin);
    this.#moving = { ...indexOf([]), version: -1, rows: [] };
  }

  /** By what a URL names. */
  find(group: string, version: string, resource: string): FoundKind | undefined {
    const key = `${apiVersionOf(group, version)}/${resource}`;
    return this.#fixed.served.get(key) ?? this.#current().served.get(key);
  }

  /** By `pods` or `deployments.apps`. */
  named(resource: string): Kind | undefined {
    return this.#fixed.named.get(resource) ?? this.#current().named.get(resource);
  }

  /** The resources that serve a kind, by `apps/v1` and `Deployment`. */
  ofKind(
    apiVersion: string,
    kind: string,
  ): readonly {
    readonly group: string;
    readonly version: string;
    readonly resource: string;
    readonly namespaced: boolean;
  }[] {
    return this.rows()
      .filter((row) => row.kind === kind)
      .flatMap((row) => row.served.map(({ group, version }) => ({ row, group, version })))
      .filter(({ group, version }) => apiVersionOf(group, version) === apiVersion)
      .map(({ row, group, version }) => ({
        group,
        version,
        resource: row.plural,
        namespaced: row.scope === "Namespaced",
      }));
  }

  rows(): readonly ResourceRow[] {
    return this.#current().rows;
  }

  get version(): number {
    return this.#custom.version;
  }

  #current(): Current {
    const { version } = this.#custom;
    if (this.#moving.version !== version) {
      const custom = this.#custom.kinds();
      const rows = [...this.#builtin, ...custom].map(({ row }) => row);
      this.#moving = { ...indexOf(custom), version, rows };
    }
    return this.#moving;
  }
}

function indexOf(kinds: readonly Kind[]): Index {
  const served = new Map<string, FoundKind>();
  const named = new Map<string, Kind>();
  for (const kind of kinds) {
    named.set(qualified(kind.row.groupResource), kind);
    for (const { group, version: name } of kind.row.served) {
      const version = kind.versions.get(apiVersionOf(group, name));
      if (version !== undefined) served.set(`${apiVersionOf(group, name)}/${kind.row.plural}`, { kind, version });
    }
  }
  return { served, named };
}
