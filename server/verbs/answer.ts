import type { ApiResponse } from "../../api/wire.ts";
import { bytesResponse } from "../encoding/object.ts";
import type { Form } from "../encoding/form.ts";
import type { Record } from "../watch-cache/record.ts";

/** One stored object as the client accepts it. The form is settled first: what cannot be answered is not done. */
export async function answerRecord(status: number, record: Record, form: Form): Promise<ApiResponse> {
  await form.prepare([record]);
  return bytesResponse(status, form.contentType, await form.single(record));
}

export function withWarnings(response: ApiResponse, warnings: readonly string[]): ApiResponse {
  if (warnings.length === 0) return response;
  const before = response.headers["warning"] ?? [];
  return { ...response, headers: { ...response.headers, warning: [before, warnings.map(warningHeader)].flat(2) } };
}

/** RFC 9111, section 5.5: code 299, no agent, a quoted text of printable characters. */
function warningHeader(text: string): string {
  const printable = text.replaceAll(/[\r\n\t]+/g, " ").replaceAll(/[^\x20-\x7e]/g, "?");
  return `299 - "${printable.replaceAll("\\", "\\\\").replaceAll('"', '\\"')}"`;
}
