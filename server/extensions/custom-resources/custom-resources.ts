import type { CustomResourceDefinition } from "../../../api/generated/types/apiextensions-v1.ts";
import { deepClone } from "../../../api/machinery/clone.ts";
import { ApiError } from "../../../api/machinery/status.ts";
import { formatTime } from "../../../api/machinery/time.ts";
import type { ResourceRow } from "../../../api/resource.ts";
import type { Clock } from "../../../base/clock.ts";
import type { Logger } from "../../../base/log.ts";
import { sliced } from "../../../base/slice.ts";
import type { ObjectWriter } from "../../admission/object-reader.ts";
import type { Kind } from "../../encoding/kind.ts";
import type { CustomKinds } from "../../kinds.ts";
import { createCustomKind, type CustomKind, type CustomKindParts } from "./custom-kind.ts";
import type { DefinitionSource } from "./definition-source.ts";
import { hasCondition, isServed, summarize, type DefinitionSummary } from "./definition-summary.ts";
import { isFinalizing, isTerminating, withCleanup, type Cleanup } from "./finalizing.ts";
import type { TakenNames } from "./naming.ts";
import { planStatus } from "./plan-status.ts";

export interface CustomResourcesDeps extends CustomKindParts {
  readonly source: DefinitionSource;
  readonly writer: ObjectWriter;
  /** Their names are taken in their groups. */
  readonly builtin: readonly ResourceRow[];
  /** The kind went, or reads its objects in another way: what was made of it is of no use. */
  readonly forget: (kind: Kind) => void;
  /** Deletes all instances, and answers how many are still there: those that wait for finalizers. */
  readonly removeInstances: (kind: Kind) => Promise<number>;
  /** Calls back whenever an instance changes. */
  readonly followInstances: (kind: Kind, onChange: () => void) => () => void;
  readonly clock: Clock;
  /** Real time, for tries that are to be repeated. */
  readonly timers: Clock;
  readonly log: Logger;
}

/** A served version of a definition, for documents about it. */
export interface PublishedKind {
  /** The definition's name, uid and generation. */
  readonly definition: string;
  readonly uid: string;
  readonly generation: number;
  readonly row: ResourceRow;
}

interface Entry {
  readonly summary: DefinitionSummary;
  readonly kind: CustomKind | undefined;
}

const resource = "customresourcedefinitions.apiextensions.k8s.io";
const shortestDelay = 20;
const longestDelay = 5000;
/** After this long a waiting cleanup says so. */
const patienceMs = 60_000;

/**
 * The kinds that CustomResourceDefinitions make: follows the definitions, keeps their status, serves what is
 * established, and cleans up behind what is deleted.
 */
export class CustomResources implements CustomKinds {
  readonly #deps: CustomResourcesDeps;
  readonly #entries = new Map<string, Entry>();
  /** The same by group, in which names are given. */
  readonly #groups = new Map<string, Map<string, Entry>>();
  /** Definitions whose status is to be looked at. */
  readonly #due = new Set<string>();
  readonly #cleaning = new Set<string>();
  /** Ends each pause. */
  readonly #pauses = new Set<() => void>();
  #unfollow: (() => void) | undefined;
  #isLoaded = false;
  #loading: Promise<void> | undefined;
  #working: Promise<void> | undefined;
  #kinds: readonly Kind[] | undefined;
  #version = 0;
  #closed = false;

  constructor(deps: CustomResourcesDeps) {
    this.#deps = deps;
  }

  get version(): number {
    return this.#version;
  }

  /** A kind for each served version; the server's own view of a resource, in its storage version, is the last of it. */
  kinds(): readonly Kind[] {
    return (this.#kinds ??= [...this.#entries.values()].flatMap(({ summary, kind }) =>
      kind === undefined || !isServed(summary) ? [] : servedKinds(kind),
    ));
  }

  published(): readonly PublishedKind[] {
    return [...this.#entries.values()].flatMap(({ summary, kind }) => {
      if (kind === undefined || !hasCondition(summary, "Established")) return [];
      const { name: definition, uid, generation } = summary;
      return kind.served.map(({ row }) => ({ definition, uid, generation, row }));
    });
  }

  get isLoaded(): boolean {
    return this.#isLoaded;
  }

  /** Resolves when all definitions that are stored now are known. */
  load(): Promise<void> {
    this.#loading ??= this.#load().catch((thrown: unknown) => {
      // The store may be able to answer the next time.
      this.#loading = undefined;
      throw thrown;
    });
    return this.#loading;
  }

  /** Resolves when every definition that is known has its status, and is served if it can be. */
  async settled(): Promise<void> {
    await this.load();
    while (this.#working !== undefined) await this.#working;
  }

  close(): void {
    this.#closed = true;
    this.#unfollow?.();
    for (const end of [...this.#pauses]) end();
  }

  async #load(): Promise<void> {
    const { source } = this.#deps;
    await source.load();
    if (this.#closed) return;
    this.#unfollow ??= source.follow((name) => this.#look(name));
    // There can be hundreds of them: others have their turn in between.
    for await (const _looked of sliced([...source.names()], (name) => this.#look(name)));
    this.#isLoaded = true;
    this.#startWork();
  }

  /** In the tick of a change: what is served changes at once, the status follows. */
  #look(name: string): void {
    const summary = this.#deps.source.summary(name);
    const before = this.#entries.get(name);
    if (summary !== undefined) {
      this.#take(summary, before);
      this.#enqueue(name);
    } else if (before !== undefined) {
      this.#entries.delete(name);
      const { group } = before.summary.spec;
      this.#group(group).delete(name);
      if (this.#group(group).size === 0) this.#groups.delete(group);
      this.#changed(before, undefined);
      // Others may have waited for its names.
      this.#enqueueGroup(group);
    }
  }

  #take(summary: DefinitionSummary, before: Entry | undefined): void {
    const previous = before !== undefined && isSameKind(before.summary, summary) ? before.kind : undefined;
    const terminating = isTerminating(summary);
    const isUnchanged = previous !== undefined && before !== undefined && isTerminating(before.summary) === terminating;
    const kind = isUnchanged
      ? previous
      : createCustomKind(summary, this.#deps, { isTerminating: terminating, previous });
    const entry = { summary, kind };
    this.#entries.set(summary.name, entry);
    this.#group(summary.spec.group).set(summary.name, entry);
    this.#changed(before, entry);
  }

  #group(group: string): Map<string, Entry> {
    let found = this.#groups.get(group);
    if (found === undefined) this.#groups.set(group, (found = new Map()));
    return found;
  }

  #changed(before: Entry | undefined, after: Entry | undefined): void {
    const [old, now] = [before && servedKind(before), after && servedKind(after)];
    if (old === now) return;
    this.#version += 1;
    this.#kinds = undefined;
    if (old !== undefined && old.stored.versions !== now?.stored.versions) this.#deps.forget(old.stored);
  }

  #enqueueGroup(group: string): void {
    for (const name of this.#groups.get(group)?.keys() ?? []) this.#enqueue(name);
  }

  #enqueue(name: string): void {
    if (this.#closed) return;
    this.#due.add(name);
    this.#startWork();
  }

  /** Not before all are known: names are given to whoever had them first. */
  #startWork(): void {
    if (this.#isLoaded && !this.#closed && this.#due.size > 0) this.#working ??= this.#work();
  }

  /** One after the other: two definitions must not get the same name. */
  async #work(): Promise<void> {
    // After the tick of the commit, which others are still to be told of.
    await Promise.resolve();
    for (const name of this.#due) {
      this.#due.delete(name);
      await this.#attempt(name, () => this.#reconcile(name));
    }
    // In the tick in which nothing was due any more: what becomes due later begins anew.
    this.#working = undefined;
  }

  async #attempt(name: string, act: () => Promise<void>): Promise<void> {
    try {
      await act();
    } catch (thrown) {
      if (this.#closed || (thrown instanceof ApiError && thrown.reason === "NotFound")) return;
      this.#deps.log.warn("a CustomResourceDefinition could not be looked after", { name, error: thrown });
      void this.#pause(longestDelay).then(() => this.#enqueue(name));
    }
  }

  async #reconcile(name: string): Promise<void> {
    const entry = this.#entries.get(name);
    if (entry === undefined) return;
    if (isFinalizing(entry.summary)) return void this.#attempt(name, () => this.#clean(name));
    if (entry.summary.deletionTimestamp === undefined) await this.#keepStatus(name, entry.summary);
  }

  async #keepStatus(name: string, summary: DefinitionSummary): Promise<void> {
    const plan = (seen: DefinitionSummary): DefinitionSummary["status"] | undefined =>
      planStatus(seen, this.#taken(seen.spec.group, name), formatTime(this.#deps.clock.now()));
    if (plan(summary) === undefined) return;
    await this.#deps.writer.updateStatus<CustomResourceDefinition>(resource, "", name, (current) => {
      const status = plan(summarize(current));
      return status && { ...deepClone<CustomResourceDefinition>(current), status: deepClone(status) };
    });
    // A name that was given up may be what another one waits for.
    for (const [other, { summary: seen }] of this.#group(summary.spec.group))
      if (!hasCondition(seen, "NamesAccepted")) this.#due.add(other);
  }

  /** Names of the group that are others', built-in kinds' among them. */
  #taken(group: string, except: string): TakenNames {
    const resources = new Set<string>();
    const kinds = new Set<string>();
    const take = (into: Set<string>, names: readonly (string | undefined)[]): void => {
      for (const name of names) if (name) into.add(name);
    };
    for (const row of this.#deps.builtin) {
      if (row.group !== group) continue;
      take(resources, [row.plural, row.singular, ...row.shortNames]);
      take(kinds, [row.kind, row.listKind]);
    }
    for (const [name, { summary }] of this.#group(group)) {
      if (name === except) continue;
      const { plural, singular, shortNames = [], kind, listKind } = summary.status.acceptedNames ?? {};
      take(resources, [plural, singular, ...shortNames]);
      take(kinds, [kind, listKind]);
    }
    return { resources, kinds };
  }

  /** Until nothing is left: whenever an instance changes, and after a while of its own accord. */
  async #clean(name: string): Promise<void> {
    if (this.#cleaning.has(name)) return;
    this.#cleaning.add(name);
    try {
      const since = this.#deps.timers.now();
      for (let delay = shortestDelay; ; delay = Math.min(delay * 2, longestDelay)) {
        const entry = this.#entries.get(name);
        if (this.#closed || entry === undefined || !isFinalizing(entry.summary)) return;
        if (await this.#cleanOnce(name, entry, this.#deps.timers.now() - since > patienceMs)) return;
        await this.#pause(delay, entry.kind?.stored);
      }
    } finally {
      this.#cleaning.delete(name);
    }
  }

  /** Whether it is done. */
  async #cleanOnce(name: string, { summary, kind }: Entry, isImpatient: boolean): Promise<boolean> {
    if (kind === undefined || !hasCondition(summary, "Established")) {
      await this.#tell(name, { at: "never established" });
      return true;
    }
    await this.#tell(name, { at: isImpatient ? "waiting" : "in progress" });
    try {
      if ((await this.#deps.removeInstances(kind.stored)) > 0) return false;
    } catch (thrown) {
      if (!(thrown instanceof ApiError)) throw thrown;
      await this.#tell(name, { at: "failed", why: thrown.message });
      return false;
    }
    await this.#tell(name, { at: "completed" });
    return true;
  }

  async #tell(name: string, cleanup: Cleanup): Promise<void> {
    await this.#deps.writer.updateStatus<CustomResourceDefinition>(resource, "", name, (current) =>
      withCleanup(current, cleanup, formatTime(this.#deps.clock.now())),
    );
  }

  /** Over after the delay, when an instance of the kind changes, or when all this is closed. */
  #pause(delay: number, instances?: Kind): Promise<void> {
    if (this.#closed) return Promise.resolve();
    return new Promise((resolve) => {
      const end = (): void => {
        cancel();
        unfollow?.();
        this.#pauses.delete(end);
        resolve();
      };
      const cancel = this.#deps.timers.after(delay, end);
      const unfollow = instances && this.#deps.followInstances(instances, end);
      this.#pauses.add(end);
    });
  }
}

/** The same objects in the same versions under the same names: only the status differs. */
function isSameKind(a: DefinitionSummary, b: DefinitionSummary): boolean {
  const [before, after] = [a.status.acceptedNames, b.status.acceptedNames];
  return a.uid === b.uid && a.generation === b.generation && JSON.stringify(before) === JSON.stringify(after);
}

function servedKind({ summary, kind }: Entry): CustomKind | undefined {
  return isServed(summary) ? kind : undefined;
}

function servedKinds({ served, stored }: CustomKind): readonly Kind[] {
  const isStored = ({ row }: Kind): boolean => row.served[0]?.version === stored.row.version;
  return [...served.filter((kind) => !isStored(kind)), ...served.filter(isStored)];
}
