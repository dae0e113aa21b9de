import type { Identified, ResourceTarget } from "../pipeline/stages.ts";

/** What a request takes of its level. */
export interface Width {
  readonly seats: number;
  /** Taken after the answer, for those who watch what was written. */
  readonly final?: { readonly seats: number; readonly milliseconds: number };
}

/** The seats that are taken while it is executed: those for afterwards are taken with the first. */
export function widestOf({ seats, final }: Width): number {
  return final === undefined ? seats : Math.max(seats, final.seats);
}

/** What is known of the stored objects and of those who watch them. */
export interface Load {
  /** Undefined for a resource that is not stored here, or not known yet. */
  objects(group: string, resource: string): StoredObjects | undefined;
  /** Watches that a change of the target may concern. */
  watches(target: ResourceTarget): number;
}

export interface StoredObjects {
  readonly count: number;
  /** Of one object, on the average; without it, a seat is counted for each hundred objects. */
  readonly averageBytes?: number;
}

const one: Width = { seats: 1 };
const bytesPerSeat = 100_000;
/** A list out of the cache is streamed: no more than this is in memory at a time. */
const streamedBytes = 1_000_000;
const objectsPerSeat = 100;
const watchesPerSeat = 10;
const millisecondsPerEvent = 5;
const mostListSeats = 100;
const mostMutatingSeats = 10;
const changes: ReadonlySet<string> = new Set(["create", "update", "patch", "delete"]);

/** https://kubernetes.io/docs/concepts/cluster-administration/flow-control/#seats-occupied-by-a-request */
export function widthOf({ target, query }: Identified, load: Load, mostSeats: number | undefined): Width {
  if (target.type !== "resource") return one;
  if (target.verb === "list" || (target.verb === "watch" && query.get("sendInitialEvents") === "true"))
    return { seats: within(listSeats(target, query, load), Math.min(mostSeats ?? mostListSeats, mostListSeats)) };
  if (!changes.has(target.verb)) return one;
  return mutatingWidth(load.watches(target), Math.min(mostSeats ?? mostMutatingSeats, mostMutatingSeats));
}

function listSeats(target: ResourceTarget, query: URLSearchParams, load: Load): number {
  const stored = load.objects(target.group, target.resource);
  if (stored === undefined) return 1;
  const { count, averageBytes } = stored;
  const limit = Number(query.get("limit") ?? 0);
  const page = limit > 0 && limit < count ? limit : count;
  const single = isOne(query.get("fieldSelector"));
  const cached = target.verb === "watch" || fromCache(query);
  const selects = (query.get("fieldSelector") ?? "") !== "" || (query.get("labelSelector") ?? "") !== "";
  if (averageBytes === undefined) {
    if (single) return 1;
    return Math.ceil((cached ? count : selects ? count + page : 2 * page) / objectsPerSeat);
  }
  const loaded = single ? 1 : !cached && selects ? Math.max(page, count / 2) : page;
  const bytes = loaded * averageBytes;
  return Math.ceil((cached ? Math.min(bytes, streamedBytes) : bytes) / bytesPerSeat);
}

function isOne(fieldSelector: string | null): boolean {
  return fieldSelector !== null && /(?:^|,)metadata\.name={1,2}[^,]/.test(fieldSelector);
}

/** Pages and exact revisions come from the store. */
function fromCache(query: URLSearchParams): boolean {
  const revision = query.get("resourceVersion") ?? "";
  switch (query.get("resourceVersionMatch") ?? "") {
    case "Exact":
      return false;
    case "NotOlderThan":
      return true;
    default:
      if (Number(query.get("limit") ?? 0) > 0 && revision !== "" && revision !== "0") return false;
      return (query.get("continue") ?? "") === "";
  }
}

/** The work for the watchers stays the same when the width is bounded: it takes longer instead. */
function mutatingWidth(watches: number, most: number): Width {
  if (watches < watchesPerSeat || most <= 1) return one;
  const wanted = Math.ceil(watches / watchesPerSeat);
  const seats = Math.min(wanted, most);
  return { seats: 1, final: { seats, milliseconds: (wanted * millisecondsPerEvent) / seats } };
}

function within(seats: number, most: number): number {
  return Math.max(1, Math.min(seats, most));
}
