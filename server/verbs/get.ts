import { parseResourceVersion } from "../../api/machinery/resource-version.ts";
import type { ApiResponse } from "../../api/wire.ts";
import { answerRecord } from "./answer.ts";
import { formFor, type ResourceRequest, type VerbDeps } from "./context.ts";
import { awaitRevision } from "./revision.ts";

export async function get(request: ResourceRequest, deps: VerbDeps): Promise<ApiResponse> {
  const { kind, target, query } = request;
  const { form } = formFor(request, deps, { stream: false });
  await awaitRevision(deps.cache, parseResourceVersion(query.get("resourceVersion") ?? "") ?? 0, deps.timers);
  const record = await deps.objects.get(kind, target.namespace, target.name);
  return answerRecord(200, record, form);
}
