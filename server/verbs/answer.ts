import type { ApiResponse } from "../../api/wire.ts";
import { bytesResponse } from "../encoding/object.ts";
import type { Record } from "../watch-cache/record.ts";
import { formFor, type ResourceRequest, type VerbDeps } from "./context.ts";

/** One stored object as the client accepts it. */
export async function answerRecord(
  status: number,
  record: Record,
  request: ResourceRequest,
  deps: VerbDeps,
): Promise<ApiResponse> {
  const { form } = formFor(request, deps, { stream: false });
  return bytesResponse(status, form.contentType, await form.single(record));
}

export function withWarnings(response: ApiResponse, warnings: readonly string[]): ApiResponse {
  if (warnings.length === 0) return response;
  return { ...response, headers: { ...response.headers, warning: warnings.map(warningHeader) } };
}

/** RFC 9111, section 5.5: code 299, no agent, a quoted text of printable characters. */
function warningHeader(text: string): string {
  const printable = text.replaceAll(/[\r\n\t]+/g, " ").replaceAll(/[^\x20-\x7e]/g, "?");
  return `299 - "${printable.replaceAll("\\", "\\\\").replaceAll('"', '\\"')}"`;
}
