import type { ApiResponse, ResponseBody } from "../../api/wire.ts";
import type { ListHeader } from "../encoding/form.ts";
import { translateStoreErrors } from "../strategy/store-errors.ts";
import type { ResourceCache } from "../watch-cache/resource-cache.ts";
import { formFor, type ResourceRequest, type VerbDeps } from "./context.ts";
import { listOptions, type ListOptions } from "./list-options.ts";
import { expiredPage, newestPage, pageAt, type ObjectPage, type PageRequest } from "./read-page.ts";
import { awaitRevision } from "./revision.ts";
import { selectionOf } from "./selection.ts";

export async function list(request: ResourceRequest, deps: VerbDeps): Promise<ApiResponse> {
  const { form } = formFor(request, deps, { stream: false });
  const options = listOptions(request.query, false);
  const resource = await deps.cache.resource(request.kind);
  const wanted = { selection: selectionOf(request), limit: options.limit, after: options.continue?.start ?? "" };
  const page = await readPage(resource, options, wanted, deps);
  const header: ListHeader = {
    resourceVersion: String(page.revision),
    ...(page.continue === undefined ? {} : { continue: page.continue }),
    ...(page.remaining === undefined ? {} : { remainingItemCount: page.remaining }),
  };
  await form.prepare(page.records);
  return {
    status: 200,
    headers: { "content-type": form.contentType, "cache-control": "no-cache, private" },
    body: await bodyOf(form.list(header, page.records)),
  };
}

/** Which state a list sees. https://kubernetes.io/docs/reference/using-api/api-concepts/#semantics-for-get-and-list */
async function readPage(
  resource: ResourceCache,
  options: ListOptions,
  wanted: PageRequest,
  { cache, timers }: VerbDeps,
): Promise<ObjectPage> {
  const { revision, match, limit, continue: token } = options;
  if (token !== undefined && token.revision > 0) {
    try {
      return await pageAt(cache, resource, token.revision, wanted);
    } catch (thrown) {
      throw expiredPage(thrown, token.start);
    }
  }
  if (revision === undefined || token !== undefined) {
    await cache.fresh();
    return newestPage(cache, resource, wanted);
  }
  // From the cache, a limit is not honoured: the whole list is at hand.
  if (revision === 0) return newestPage(cache, resource, { ...wanted, limit: 0 });
  await awaitRevision(cache, revision, timers);
  // Without a match, a limit means exactly this revision: how pages were asked for before there were tokens.
  if (match !== "Exact" && !(match === "" && limit > 0)) return newestPage(cache, resource, wanted);
  try {
    return await pageAt(cache, resource, revision, wanted);
  } catch (thrown) {
    throw translateStoreErrors(thrown);
  }
}

/** A list that is made in one piece is sent with its length; a longer one as the client takes it. */
async function bodyOf(pieces: Iterable<Uint8Array> | AsyncIterable<Uint8Array>): Promise<ResponseBody> {
  const iterator = Symbol.asyncIterator in pieces ? pieces[Symbol.asyncIterator]() : pieces[Symbol.iterator]();
  const first = await iterator.next();
  if (first.done === true) return { type: "bytes", bytes: new Uint8Array() };
  const second = await iterator.next();
  if (second.done === true) return { type: "bytes", bytes: first.value };
  return { type: "chunks", chunks: rest([first.value, second.value], iterator) };
}

async function* rest(
  ready: readonly Uint8Array[],
  iterator: Iterator<Uint8Array> | AsyncIterator<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  try {
    yield* ready;
    for (let next = await iterator.next(); next.done !== true; next = await iterator.next()) yield next.value;
  } finally {
    await iterator.return?.();
  }
}
