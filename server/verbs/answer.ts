import type { ApiResponse } from "../../api/wire.ts";
import { bytesResponse } from "../encoding/object.ts";
import type { Form } from "../encoding/form.ts";
import { contentTypes } from "../encoding/negotiate.ts";
import type { Record } from "../watch-cache/record.ts";

/** One stored object as the client accepts it. The form is settled first: what cannot be answered is not done. */
export async function answerRecord(status: number, record: Record, form: Form): Promise<ApiResponse> {
  const waiting = form.prepare([record]);
  if (waiting !== undefined) await waiting;
  if (form.contentType === contentTypes.json) return answerEither(status, record, form);
  return bytesResponse(status, form.contentType, form.single(record));
}

/** As bytes, which are only made when they are asked for, or as an object for those in this process. */
function answerEither(status: number, record: Record, form: Form): ApiResponse {
  let bytes: Uint8Array | undefined;
  return {
    status,
    headers: { "content-type": form.contentType, "cache-control": "no-cache, private" },
    body: {
      type: "bytes",
      get bytes() {
        return (bytes ??= form.single(record));
      },
      object: () => form.object(record),
    },
  };
}
