import { deepClone } from "../../api/machinery/clone.ts";
import type { KubeObject } from "../../api/machinery/object.ts";
import type { ApiResponse } from "../../api/wire.ts";
import { answerRecord } from "./answer.ts";
import { authorizeCreate, formFor, writeRequest, type ResourceRequest, type VerbDeps } from "./context.ts";
import { decodeObject, matchUrl } from "./decode.ts";
import { writeOptions } from "./write-options.ts";

export async function update(request: ResourceRequest, deps: VerbDeps): Promise<ApiResponse> {
  const { form } = formFor(request, deps, { stream: false });
  const options = writeOptions(request.query, "UpdateOptions", request.request.headers["user-agent"]);
  const object = await decodeObject(request, options);
  matchUrl(request, object);
  const write = {
    ...writeRequest(request, options, "as the kind allows"),
    authorizeCreate: authorizeCreate(request, deps),
  };
  const { record, created } = await deps.objects.update(write, () => deepClone<KubeObject>(object));
  return answerRecord(created ? 201 : 200, record, form);
}
