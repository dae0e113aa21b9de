import { ApiError } from "../../api/machinery/status.ts";
import type { ApiResponse } from "../../api/wire.ts";
import type { Record } from "../watch-cache/record.ts";
import { formFor, writeRequest, type ResourceRequest, type VerbDeps } from "./context.ts";
import { deleteOptions, isDryRun } from "./delete.ts";
import { listOptions } from "./list-options.ts";
import { selectionOf } from "./selection.ts";

/** Deletes what a list would show, one by one; what another client deleted meanwhile counts as done. Answers with the list. */
export async function deleteCollection(request: ResourceRequest, deps: VerbDeps): Promise<ApiResponse> {
  const { form } = formFor(request, deps, { stream: false });
  const options = await deleteOptions(request);
  listOptions(request.query, false);
  const selection = selectionOf(request);
  const resource = await deps.cache.resource(request.kind);
  await deps.cache.fresh();
  const deleted: Record[] = [];
  for (const found of [...resource.select(selection)]) {
    const { namespace, name } = found.meta;
    const one = { ...writeRequest(request, isDryRun(options)), namespace, name };
    try {
      deleted.push((await deps.objects.delete(one, options)).record);
    } catch (thrown) {
      if (!(thrown instanceof ApiError && thrown.reason === "NotFound")) throw thrown;
    }
  }
  return {
    status: 200,
    headers: { "content-type": form.contentType, "cache-control": "no-cache, private" },
    body: { type: "chunks", chunks: form.list({ resourceVersion: String(deps.cache.revision) }, deleted) },
  };
}
