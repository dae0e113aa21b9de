import type { ApiRequest } from "./wire.ts";

/** The same request with other headers. Its signal is only made when somebody asks for it. */
export function withHeaders(request: ApiRequest, headers: ApiRequest["headers"]): ApiRequest {
  const { method, url, headerValues, body, object, peer, upgrade } = request;
  return {
    method,
    url,
    headers,
    ...(headerValues === undefined ? {} : { headerValues }),
    ...(body === undefined ? {} : { body }),
    ...(object === undefined ? {} : { object }),
    peer,
    ...(upgrade === undefined ? {} : { upgrade }),
    get signal() {
      return request.signal;
    },
  };
}
