import type { FlowSchema, PriorityLevelConfiguration } from "../../api/generated/types/flowcontrol-v1.ts";
import type { DeepReadonly } from "../../api/machinery/object.ts";
import type { Clock } from "../../base/clock.ts";
import type { Identified } from "../pipeline/stages.ts";
import { limitsOf, sharesOf } from "./concurrency.ts";
import { mandatoryLevels, mandatorySchemas } from "./mandatory.ts";
import { compileMatch, distinguisherOf } from "./match.ts";
import { PriorityLevel } from "./priority-level.ts";

/** A flow schema as requests meet it. */
export interface CompiledSchema {
  readonly name: string;
  readonly level: PriorityLevel;
  readonly headers: Readonly<Record<string, string>>;
  matches(request: Identified): boolean;
  distinguisher(request: Identified): string;
}

export interface Configuration {
  /** In matching order. */
  readonly schemas: readonly CompiledSchema[];
  readonly catchAll: CompiledSchema;
  readonly levels: ReadonlyMap<string, PriorityLevel>;
  /** Levels without an object, that are kept until nobody is left in them. */
  readonly leaving: ReadonlySet<string>;
}

export interface StoredObjects {
  readonly schemas: readonly Schema[];
  readonly levels: readonly DeepReadonly<PriorityLevelConfiguration>[];
}

type Schema = DeepReadonly<FlowSchema>;

interface Deps {
  readonly serverSeats: number;
  readonly clock: Clock;
}

/** The configuration that follows from the objects; levels go on from the one before. */
export function configure(stored: StoredObjects, before: Configuration | undefined, deps: Deps): Configuration {
  const { levels, leaving } = configureLevels(stored.levels, before, deps);
  const isUsable = (level: string): boolean => levels.has(level) && !leaving.has(level);
  const schemas = stored.schemas.filter(({ spec }) => isUsable(spec?.priorityLevelConfiguration.name ?? ""));
  const missing = mandatorySchemas.filter(({ metadata }) => !schemas.some((one) => nameOf(one) === metadata?.name));
  const all: readonly Schema[] = [...schemas, ...missing];
  const compiled = all.toSorted(byPrecedence).map((schema) => compile(schema, levels));
  const catchAll = compiled.find(({ name }) => name === "catch-all");
  if (catchAll === undefined) throw new Error("the catch-all schema is always there");
  return { schemas: compiled, catchAll, levels, leaving };
}

function configureLevels(
  stored: StoredObjects["levels"],
  before: Configuration | undefined,
  { serverSeats, clock }: Deps,
): Pick<Configuration, "levels" | "leaving"> {
  const found = new Map<string, DeepReadonly<PriorityLevelConfiguration>>();
  for (const object of [...mandatoryLevels, ...stored]) if (isSound(object)) found.set(nameOf(object), object);
  const leaving = new Set<string>();
  for (const level of before?.levels.values() ?? []) {
    if (found.has(level.name) || level.queues.idle) continue;
    leaving.add(level.name);
    found.set(level.name, { metadata: { name: level.name, uid: level.uid }, spec: level.spec });
  }
  const specs = [...found].flatMap(([name, { spec, metadata }]) =>
    spec === undefined ? [] : [{ name, spec, uid: metadata?.uid ?? "" }],
  );
  const totalShares = specs.reduce((sum, { spec }) => sum + sharesOf(spec), 0);
  const levels = new Map<string, PriorityLevel>();
  for (const { name, spec, uid } of specs) {
    const level = before?.levels.get(name) ?? new PriorityLevel(name, clock);
    level.configure(spec, uid, limitsOf(spec, totalShares, serverSeats));
    levels.set(name, level);
  }
  return { levels, leaving };
}

/** Stored by a version that knew other rules, say: such a level is as good as absent. */
function isSound({ metadata, spec }: DeepReadonly<PriorityLevelConfiguration>): boolean {
  if (spec === undefined) return false;
  const exempt = spec.type === "Exempt";
  return exempt === (metadata?.name === "exempt") && exempt === (spec.limited === undefined);
}

function byPrecedence(one: Schema, other: Schema): number {
  const difference = (one.spec?.matchingPrecedence ?? 0) - (other.spec?.matchingPrecedence ?? 0);
  if (difference !== 0) return difference;
  return nameOf(one) < nameOf(other) ? -1 : 1;
}

function compile(schema: Schema, levels: Configuration["levels"]): CompiledSchema {
  const { spec, metadata } = schema;
  const level = levels.get(spec?.priorityLevelConfiguration.name ?? "");
  if (spec === undefined || level === undefined) throw new Error("schemas without a level are left out");
  return {
    name: nameOf(schema),
    level,
    // Uids, not names: a client need not know what its administrators think of it.
    headers: {
      "x-kubernetes-pf-flowschema-uid": metadata?.uid ?? "",
      "x-kubernetes-pf-prioritylevel-uid": level.uid,
    },
    matches: compileMatch(spec),
    distinguisher: distinguisherOf(spec),
  };
}

function nameOf({ metadata }: { readonly metadata?: { readonly name?: string } }): string {
  return metadata?.name ?? "";
}
