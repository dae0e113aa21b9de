import type { APIService } from "../../../api/generated/types/apiregistration-v1.ts";
import { ApiError } from "../../../api/machinery/status.ts";
import type { Clock } from "../../../base/clock.ts";
import type { Logger } from "../../../base/log.ts";
import type { Random } from "../../../base/random.ts";
import type { ObjectReader, ObjectWriter } from "../../admission/object-reader.ts";
import type { AskDeps } from "./ask-remote.ts";
import { checkDiscovery, foreseeable } from "./availability.ts";
import { local, withAvailability, type Availability } from "./conditions.ts";
import { apiServices, type RemoteService, type RemoteServices } from "./remote-services.ts";

export interface AvailabilityDeps extends AskDeps {
  readonly remote: RemoteServices;
  readonly reader: ObjectReader;
  readonly writer: ObjectWriter;
  readonly random: Random;
  /** The cluster's time, for conditions. */
  readonly clock: Clock;
  readonly log: Logger;
}

const goodMs = 30_000;
const firstRetryMs = 500;
const lastRetryMs = 30_000;
/** Checks under way at a time. */
const abreast = 8;

/** When a remote service is looked at again. */
interface Schedule {
  /** What its server depends on; a change is looked at once. */
  readonly facts: string;
  readonly failures: number;
  readonly due: number;
}

/**
 * Looks at every APIService whose time has come, or that something changed for, and tells what it finds by the condition
 * Available. Meant to be called often: there is little to do when nothing is due.
 */
export function createAvailabilityCheck(deps: AvailabilityDeps): () => Promise<void> {
  const schedules = new Map<string, Schedule>();
  let localsToldAt: number | undefined;
  const look = async (remote: RemoteService): Promise<void> => {
    const foreseen = await foreseeable(remote, deps.reader);
    const facts = JSON.stringify([remote.service, remote.caBundle, remote.insecure, foreseen]);
    const before = schedules.get(remote.name);
    if (before?.facts === facts && deps.timers.now() < before.due) return;
    const found = foreseen ?? (await checkDiscovery(remote, deps));
    if (deps.signal.aborted) return;
    const failures = found.status === "True" ? 0 : (before?.facts === facts ? before.failures : 0) + 1;
    schedules.set(remote.name, { facts, failures, due: deps.timers.now() + waitMs(failures, deps.random) });
    await tell(remote.name, found, deps);
  };
  return async () => {
    const remote = await deps.remote.all();
    const names = new Set(remote.map(({ name }) => name));
    for (const name of schedules.keys()) if (!names.has(name)) schedules.delete(name);
    await eachAbreast(remote, (one) => look(one).catch((thrown: unknown) => failed(one.name, thrown, deps)));
    const generation = await deps.remote.generation();
    if (generation === localsToldAt) return;
    await tellLocal(names, deps);
    localsToldAt = generation;
  };
}

/** Twice as long after each failure, up to a bound; spread by a quarter. */
function waitMs(failures: number, random: Random): number {
  const base = failures === 0 ? goodMs : Math.min(lastRetryMs, firstRetryMs * 2 ** Math.min(failures - 1, 10));
  return base + random.integer(Math.ceil(base / 4));
}

async function eachAbreast<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const rest = items.values();
  const worker = async (): Promise<void> => {
    for (const item of rest) await work(item);
  };
  await Promise.all(Array.from({ length: Math.min(abreast, items.length) }, worker));
}

/** An APIService that lost its service is answered by this server again. */
async function tellLocal(remote: ReadonlySet<string>, deps: AvailabilityDeps): Promise<void> {
  const services = await deps.reader.list<APIService>(apiServices);
  for (const service of services) {
    const name = service.metadata?.name ?? "";
    if (remote.has(name) || withAvailability(service, local, deps.clock.now()) === undefined) continue;
    await tell(name, local, deps).catch((thrown: unknown) => failed(name, thrown, deps));
  }
}

async function tell(name: string, found: Availability, { writer, clock }: AvailabilityDeps): Promise<void> {
  try {
    await writer.updateStatus<APIService>(apiServices, "", name, (current) =>
      withAvailability(current, found, clock.now()),
    );
  } catch (thrown) {
    // Deleted meanwhile: there is nobody to tell.
    if (!(thrown instanceof ApiError) || thrown.reason !== "NotFound") throw thrown;
  }
}

function failed(name: string, thrown: unknown, { log }: AvailabilityDeps): void {
  log.error("an APIService could not be looked at", { name, error: thrown });
}
