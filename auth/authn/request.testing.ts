import type { ApiRequest, PeerCertificate, UserInfo } from "../../api/wire.ts";
import type { Authenticator } from "./authenticator.ts";

/** A request with nothing but what says who sends it. */
export function requestWith(
  headers: Readonly<Record<string, string>>,
  more: { readonly certificate?: PeerCertificate; readonly url?: string; readonly upgrade?: string } = {},
): ApiRequest {
  const { certificate, url = "/api/v1/pods", upgrade } = more;
  return {
    method: "GET",
    url,
    headers,
    signal: new AbortController().signal,
    peer: { address: "192.0.2.1", ...(certificate === undefined ? {} : { certificate }) },
    ...(upgrade === undefined ? {} : { upgrade }),
  };
}

/** Whom an authenticator makes of a request, or why it refuses it. */
export async function judged(
  authenticator: Authenticator,
  request: ApiRequest,
): Promise<UserInfo | string | undefined> {
  try {
    return await authenticator(request, () => undefined);
  } catch (thrown) {
    return String(thrown);
  }
}
