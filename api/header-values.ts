import type { ApiRequest } from "./wire.ts";

/**
 * The values of a header that may be repeated, each as it was sent: a comma in one of them does not make it two. A client in
 * this process, who has only text, joins them by ", ". Empty for a header that the request has not, or has no more.
 */
export function headerValues(request: ApiRequest, name: string): readonly string[] {
  const joined = request.headers[name];
  if (joined === undefined) return [];
  return request.headerValues?.(name) ?? joined.split(", ");
}
