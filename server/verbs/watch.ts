import type { ApiResponse } from "../../api/wire.ts";
import type { ResourceCache } from "../watch-cache/resource-cache.ts";
import { Watcher, type WatchStart } from "../watch-cache/watcher.ts";
import { formFor, type ResourceRequest, type VerbDeps } from "./context.ts";
import { listOptions, type ListOptions } from "./list-options.ts";
import { awaitRevision } from "./revision.ts";
import { selectionOf } from "./selection.ts";

const bookmarkInterval = 60_000;
/** Upstream ends a watch that names no timeout after a random time of 30 to 60 minutes, so that they do not end together. */
const minTimeoutSeconds = 1800;
/** The longest that timers can count. */
const maxTimeoutSeconds = 2_147_483;

export async function watch(request: ResourceRequest, deps: VerbDeps): Promise<ApiResponse> {
  const { form, accepted } = formFor(request, deps, { stream: true });
  const options = listOptions(request.query, true);
  const resource = await deps.cache.resource(request.kind);
  const start = await startOf(request, options, resource, deps);
  if (start.initial !== undefined) await form.prepare(start.initial.records);
  const watcher = new Watcher(deps.cache, resource, start, form);
  limitLife(watcher, request, options, deps);
  return {
    status: 200,
    headers: {
      "content-type": accepted.mediaType === "protobuf" ? `${form.contentType};stream=watch` : form.contentType,
      "cache-control": "no-cache, private",
    },
    body: { type: "watch", watch: watcher },
  };
}

/** Where a watch begins. https://kubernetes.io/docs/reference/using-api/api-concepts/#semantics-for-watch */
async function startOf(
  request: ResourceRequest,
  options: ListOptions,
  resource: ResourceCache,
  deps: VerbDeps,
): Promise<WatchStart> {
  const { cache, timers } = deps;
  const selection = selectionOf(request);
  const bookmarks = options.allowWatchBookmarks;
  const { revision, sendInitialEvents } = options;
  // Without a resourceVersion, a watch begins with what there is: "Get State and Start at Any".
  const isInitial = sendInitialEvents ?? (revision === undefined || revision === 0);
  if (!isInitial && revision !== undefined && revision > 0) return { selection, after: revision, bookmarks };
  if (revision === undefined) await cache.fresh();
  else await awaitRevision(cache, revision, timers);
  if (!isInitial) return { selection, after: cache.revision, bookmarks };
  const records = [...resource.select(selection)];
  return {
    selection,
    after: cache.revision,
    initial: { records, bookmark: sendInitialEvents === true && bookmarks },
    bookmarks,
  };
}

/** Bookmarks at times, an end after the timeout, when the client is gone, or when the server stops. */
function limitLife(watcher: Watcher, watched: ResourceRequest, options: ListOptions, deps: VerbDeps): void {
  const { timers, random, signal } = deps;
  const { request } = watched;
  const ended = deps.watching(watched);
  const seconds = options.timeoutSeconds || minTimeoutSeconds + random.integer(minTimeoutSeconds);
  let cancelBookmark = (): void => {};
  const bookmarkLater = (): void => {
    cancelBookmark = timers.after(bookmarkInterval, () => {
      watcher.offerBookmark();
      bookmarkLater();
    });
  };
  if (options.allowWatchBookmarks) bookmarkLater();
  const cancelEnd = timers.after(Math.min(seconds, maxTimeoutSeconds) * 1000, () => watcher.expire());
  const stop = (): void => watcher.close();
  watcher.onEnd(() => {
    ended();
    cancelBookmark();
    cancelEnd();
    request.signal.removeEventListener("abort", stop);
    signal.removeEventListener("abort", stop);
  });
  for (const over of [request.signal, signal]) {
    if (over.aborted) stop();
    else over.addEventListener("abort", stop, { once: true });
  }
}
