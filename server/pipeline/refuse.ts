import type { ApiError } from "../../api/machinery/status.ts";
import type { ApiRequest, ApiResponse } from "../../api/wire.ts";
import { negotiate, wantsPretty, type Accepted } from "../encoding/negotiate.ts";
import { objectResponse } from "../encoding/object.ts";

/** The refusal as a Status, in a form that the client reads if it reads any of ours, else as JSON. */
export async function refuse(error: ApiError, request: ApiRequest): Promise<ApiResponse> {
  const response = await objectResponse(error.code, error.toStatus() as never, acceptedOrJson(request));
  const wait = error.details?.retryAfterSeconds;
  const headers: Record<string, string | readonly string[]> = { ...response.headers };
  if (wait !== undefined) headers["retry-after"] = String(wait);
  return { ...response, headers };
}

function acceptedOrJson(request: ApiRequest): Accepted {
  const [, query = ""] = request.url.split("?", 2);
  const pretty = wantsPretty(request, new URLSearchParams(query));
  try {
    return negotiate(request.headers["accept"], { transforms: false, protobuf: true, stream: false }, pretty);
  } catch {
    // The refusal may be the 406 itself.
    return { mediaType: "json", pretty };
  }
}
