import { ApiError } from "../../api/machinery/status.ts";
import type { ApiResponse } from "../../api/wire.ts";
import type { DeleteOptions } from "../strategy/delete-options.ts";
import type { WriteRequest } from "../strategy/write-request.ts";
import type { Record } from "../watch-cache/record.ts";
import { formFor, type ResourceRequest, type VerbDeps } from "./context.ts";
import { deleteOptions, deletion } from "./delete.ts";
import { listOptions } from "./list-options.ts";
import { selectionOf } from "./selection.ts";

/** Deletions under way at a time: they share commits. */
const atOnce = 50;

/** Deletes what a list would show; what another client deleted meanwhile counts as done. Answers with the list. */
export async function deleteCollection(request: ResourceRequest, deps: VerbDeps): Promise<ApiResponse> {
  const { form } = formFor(request, deps, { stream: false });
  const options = await deleteOptions(request);
  listOptions(request.query, false);
  const write = deletion(request, options);
  const selection = selectionOf(request);
  const resource = await deps.cache.resource(request.kind);
  await deps.cache.fresh();
  const found = [...resource.select(selection)];
  const deleted: Record[] = [];
  for (let first = 0; first < found.length; first += atOnce) {
    const batch = found.slice(first, first + atOnce).map((record) => deleteFound(record, write, options, deps));
    for (const record of await Promise.all(batch)) if (record !== undefined) deleted.push(record);
  }
  await form.prepare(deleted);
  return {
    status: 200,
    headers: { "content-type": form.contentType, "cache-control": "no-cache, private" },
    body: { type: "chunks", chunks: form.list({ resourceVersion: String(deps.cache.revision) }, deleted) },
  };
}

async function deleteFound(
  { meta }: Record,
  write: WriteRequest,
  options: DeleteOptions,
  deps: VerbDeps,
): Promise<Record | undefined> {
  const { namespace, name } = meta;
  try {
    return (await deps.objects.delete({ ...write, namespace, name }, options)).record;
  } catch (thrown) {
    if (thrown instanceof ApiError && thrown.reason === "NotFound") return undefined;
    throw thrown;
  }
}
