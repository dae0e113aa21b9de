import { encodeJson } from "./machinery/json.ts";
import type { ApiRequest } from "./wire.ts";

/** For servers that are elsewhere: what a client in this process handed over goes out as a body. */
export function withBody(request: ApiRequest): ApiRequest {
  const { object, ...others } = request;
  return object === undefined ? request : { ...others, body: encodeJson(object) };
}
