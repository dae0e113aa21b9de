import { deepEqual } from "../../../api/machinery/equal.ts";
import type { Registered } from "../../discovery/registered.ts";
import type { AskDeps } from "./ask-remote.ts";
import { discoverRemote } from "./remote-discovery.ts";
import { openApiOf, openApiV2Of } from "./remote-open-api.ts";
import type { RemoteService, RemoteServices } from "./remote-services.ts";

/** What remote servers say of themselves. */
export interface RemoteDocuments extends Pick<Registered, "discovery" | "openApiV3" | "openApiV2"> {
  /** Asks for whatever is new or a minute old; resolves when it is answered. */
  refresh(): Promise<void>;
}

/** Upstream asks again each minute. */
const freshMs = 60_000;

/** Who asks waits for servers that have not been asked yet, never for one that is asked again. */
export function createRemoteDocuments(deps: AskDeps & { readonly remote: RemoteServices }): RemoteDocuments {
  const discovery = new Kept((remote) => discoverRemote(remote, deps), deps);
  const openApi = new Kept((remote) => openApiOf(remote, deps), deps);
  const openApiV2 = new Kept((remote) => openApiV2Of(remote, deps), deps);
  return {
    discovery: () => discovery.known(),
    openApiV3: () => openApi.known(),
    openApiV2: () => openApiV2.list(),
    async refresh() {
      await Promise.all([discovery, openApi, openApiV2].map((kept) => kept.refresh()));
    },
  };
}

/** What one server answered. */
interface Entry<T> {
  /** What the answer hangs on besides the server itself. */
  readonly facts: string;
  found: T | undefined;
  isKnown: boolean;
  /** When it is to be asked again. */
  due: number;
  asking: Promise<void> | undefined;
}

class Kept<T> {
  readonly #ask: (one: RemoteService) => Promise<T | undefined>;
  readonly #deps: AskDeps & { readonly remote: RemoteServices };
  /** By the names of APIServices. */
  readonly #entries = new Map<string, Entry<T>>();
  #list: readonly T[] = [];

  constructor(
    ask: (one: RemoteService) => Promise<T | undefined>,
    deps: AskDeps & { readonly remote: RemoteServices },
  ) {
    this.#ask = ask;
    this.#deps = deps;
  }

  /** The same array as long as nothing changes. */
  list(): readonly T[] {
    return this.#list;
  }

  async known(): Promise<readonly T[]> {
    const entries = await this.#look();
    const unknown = entries.flatMap(({ isKnown, asking }) => (isKnown || asking === undefined ? [] : [asking]));
    if (unknown.length > 0) await Promise.all(unknown);
    return this.#list;
  }

  async refresh(): Promise<void> {
    const entries = await this.#look();
    await Promise.all(entries.flatMap(({ asking }) => (asking === undefined ? [] : [asking])));
  }

  /** Begins to ask whom it is time for. */
  async #look(): Promise<readonly Entry<T>[]> {
    const services = await this.#deps.remote.all();
    if (services.length === 0 && this.#entries.size === 0) return [];
    const names = new Set(services.map(({ name }) => name));
    for (const name of this.#entries.keys()) if (!names.has(name)) this.#entries.delete(name);
    const entries = services.map((service) => this.#entry(service));
    for (const [at, service] of services.entries()) this.#askIfDue(service, entries[at]);
    this.#collect();
    return entries;
  }

  #entry(remote: RemoteService): Entry<T> {
    const { name, service, caBundle, insecure, isAvailable } = remote;
    const facts = JSON.stringify([service, caBundle, insecure, isAvailable]);
    const known = this.#entries.get(name);
    if (known?.facts === facts) return known;
    const entry: Entry<T> = { facts, found: undefined, isKnown: false, due: 0, asking: undefined };
    this.#entries.set(name, entry);
    return entry;
  }

  #askIfDue(remote: RemoteService, entry: Entry<T> | undefined): void {
    const { timers } = this.#deps;
    if (entry === undefined || entry.asking !== undefined || timers.now() < entry.due) return;
    entry.asking = this.#ask(remote).then((found) => {
      if (!deepEqual(found, entry.found)) entry.found = found;
      entry.isKnown = true;
      entry.due = timers.now() + freshMs;
      entry.asking = undefined;
      if (this.#entries.get(remote.name) === entry) this.#collect();
    });
  }

  #collect(): void {
    const list = [...this.#entries.values()].flatMap(({ found }) => (found === undefined ? [] : [found]));
    const isSame = list.length === this.#list.length && list.every((one, at) => one === this.#list[at]);
    if (!isSame) this.#list = list;
  }
}
