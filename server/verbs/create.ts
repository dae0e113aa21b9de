import { ApiError } from "../../api/machinery/status.ts";
import type { ApiResponse } from "../../api/wire.ts";
import { answerRecord } from "./answer.ts";
import { formFor, writeRequest, type ResourceRequest, type VerbDeps } from "./context.ts";
import { decodeObject, matchUrl } from "./decode.ts";
import { writeOptions } from "./write-options.ts";

export async function create(request: ResourceRequest, deps: VerbDeps): Promise<ApiResponse> {
  const { form } = formFor(request, deps, { stream: false });
  const options = writeOptions(request.query, "CreateOptions", request.request.headers["user-agent"]);
  const object = await decodeObject(request, options);
  matchUrl(request, object);
  if ((object.metadata?.resourceVersion ?? "") !== "")
    throw new ApiError("", "resourceVersion should not be set on objects to be created", { code: 500 });
  const write = writeRequest(request, options, "create");
  const record = await deps.objects.create(write, object);
  return answerRecord(201, record, form);
}
