import { encodeContinue } from "../../api/machinery/continue-token.ts";
import { ApiError } from "../../api/machinery/status.ts";
import { sliced } from "../../base/slice.ts";
import { CompactedError, type KeyValue } from "../../storage/store.ts";
import type { Cache } from "../watch-cache/cache.ts";
import type { Record } from "../watch-cache/record.ts";
import type { ResourceCache } from "../watch-cache/resource-cache.ts";
import { selects, selectsAll, type Selection } from "../watch-cache/selection.ts";
import { translateStoreErrors } from "../strategy/store-errors.ts";

/** Keys that one read of the store takes at most. */
const storePage = 500;

export interface PageRequest {
  readonly selection: Selection;
  /** 0: no limit. */
  readonly limit: number;
  /** Relative to the resource's prefix; "" for the beginning. */
  readonly after: string;
}

export interface ObjectPage {
  readonly records: readonly Record[];
  readonly revision: number;
  readonly continue?: string;
  /** Known only without selectors. */
  readonly remaining?: number;
}

/** The newest state, out of memory. */
export function newestPage(cache: Cache, resource: ResourceCache, request: PageRequest): ObjectPage {
  const { selection, limit, after } = request;
  const { revision } = cache;
  const records: Record[] = [];
  let isMore = false;
  for (const record of resource.select(selection, after === "" ? "" : resource.prefix + after)) {
    isMore = limit > 0 && records.length === limit;
    if (isMore) break;
    records.push(record);
  }
  if (!isMore) return { records, revision };
  return {
    records,
    revision,
    ...nextPage(resource, records, revision),
    ...(selectsAll(selection)
      ? { remaining: resource.countAfter(selection.namespace, records.at(-1)?.key ?? "") }
      : {}),
  };
}

/** The state at a revision, out of the store's history. Throws 410 Expired, or 504 for a revision to come. */
export async function pageAt(
  cache: Cache,
  resource: ResourceCache,
  revision: number,
  request: PageRequest,
): Promise<ObjectPage> {
  const { selection, limit } = request;
  const prefix = selection.namespace === "" ? resource.prefix : `${resource.prefix}${selection.namespace}/`;
  const isAll = selectsAll(selection);
  const records: Record[] = [];
  let after = request.after === "" ? undefined : resource.prefix + request.after;
  for (;;) {
    // Where every key counts, no more need be read than are wanted.
    const wanted = isAll && limit > 0 ? Math.min(storePage, limit - records.length) : storePage;
    const page = await cache.store.list(prefix, { revision, limit: wanted, ...(after === undefined ? {} : { after }) });
    for await (const record of sliced(page.items, (item) => recordOf(resource, item))) {
      if (!isAll && !selects(selection, record.meta)) continue;
      if (limit > 0 && records.length === limit) return { records, revision, ...nextPage(resource, records, revision) };
      records.push(record);
    }
    after = page.items.at(-1)?.key;
    if (page.remaining === 0 || after === undefined) return { records, revision };
    if (isAll && records.length === limit)
      return { records, revision, ...nextPage(resource, records, revision), remaining: page.remaining };
  }
}

/** Most objects are still as they were: those are at hand. */
function recordOf(resource: ResourceCache, { key, modRevision, value }: KeyValue): Record {
  const known = resource.get(key);
  return known?.revision === modRevision ? known : resource.reader.read(key, modRevision, value);
}

function nextPage(
  { prefix }: ResourceCache,
  records: readonly Record[],
  revision: number,
): { readonly continue: string } {
  const last = records.at(-1)?.key ?? "";
  return { continue: encodeContinue({ start: last.slice(prefix.length), revision }) };
}

/** An expired page offers to go on from the newest state, knowing that the list is then no longer consistent. */
export function expiredPage(thrown: unknown, start: string): unknown {
  if (!(thrown instanceof CompactedError)) return translateStoreErrors(thrown);
  return new ApiError(
    "Expired",
    "The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter, or use the continue token in this response to retrieve the remainder of the results. Continuing with the provided token results in an inconsistent list - objects that were created, modified, or deleted between the time the first chunk was returned and now may show up in the list.",
    { cause: thrown, listMeta: { continue: encodeContinue({ start, revision: -1 }) } },
  );
}
