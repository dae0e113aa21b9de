import { withoutToken } from "../../auth/authn/web-socket-token.ts";
import type { ApiRequest } from "../../api/wire.ts";
import { withHeaders } from "../../api/with-headers.ts";

const protocols = "sec-websocket-protocol";

/** Whatever becomes of a request, nobody it is passed on to may act in the client's name. */
export function withoutCredentials(
  request: ApiRequest,
  isFurther: (header: string) => boolean = () => false,
): ApiRequest {
  const { headers } = request;
  const names = Object.keys(headers);
  const isDropped = (name: string): boolean => isCredential(name) || isFurther(name);
  const offered = headers[protocols];
  if (offered === undefined && !names.some(isDropped)) return request;
  const left: Record<string, string | undefined> = Object.create(null);
  for (const name of names) if (!isDropped(name)) left[name] = headers[name];
  if (offered !== undefined) left[protocols] = withoutToken(offered);
  return withHeaders(request, left);
}

function isCredential(name: string): boolean {
  return name === "authorization" || name.startsWith("x-remote-");
}
