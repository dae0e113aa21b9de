import type { ApiResponse } from "../../api/wire.ts";
import { bytesResponse } from "../encoding/object.ts";
import type { Form } from "../encoding/form.ts";
import { contentTypes } from "../encoding/negotiate.ts";
import type { Record } from "../watch-cache/record.ts";

/** One stored object as the client accepts it. The form is settled first: what cannot be answered is not done. */
export async function answerRecord(status: number, record: Record, form: Form): Promise<ApiResponse> {
  await form.prepare([record]);
  const { headers, body } = bytesResponse(status, form.contentType, await form.single(record));
  if (form.contentType !== contentTypes.json) return { status, headers, body };
  return { status, headers, body: { ...body, object: () => form.object(record) } };
}
