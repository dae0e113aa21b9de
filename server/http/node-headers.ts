import type { OutgoingHttpHeaders } from "node:http";
import type { ApiResponse } from "../../api/wire.ts";

export function nodeHeaders(headers: ApiResponse["headers"]): OutgoingHttpHeaders {
  const plain: OutgoingHttpHeaders = {};
  for (const [name, value] of Object.entries(headers)) plain[name] = typeof value === "string" ? value : [...value];
  return plain;
}
