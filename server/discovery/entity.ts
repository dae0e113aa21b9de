import { createHash } from "node:crypto";
import type { ApiRequest, ApiResponse } from "../../api/wire.ts";

/** Bytes that stay the same for a while. */
export interface Entity {
  readonly bytes: Uint8Array;
  readonly contentType: string;
  /** Quoted, as in the header. */
  readonly etag: string;
}

export function entity(contentType: string, bytes: Uint8Array): Entity {
  const hash = createHash("sha512").update(bytes).digest("hex").toUpperCase();
  return { bytes, contentType, etag: `"${hash}"` };
}

export function jsonEntity(contentType: string, value: object): Entity {
  return entity(contentType, Buffer.from(`${JSON.stringify(value)}\n`));
}

/** 304 without a body to a client that has this entity already. */
export function entityResponse(
  request: ApiRequest,
  { bytes, contentType, etag }: Entity,
  more: Readonly<Record<string, string>> = {},
): ApiResponse {
  const headers = { etag, ...more };
  if (isKnown(request.headers["if-none-match"], etag)) return { status: 304, headers, body: emptyBody };
  return { status: 200, headers: { "content-type": contentType, ...headers }, body: { type: "bytes", bytes } };
}

/** RFC 9110, section 13.1.2: weak comparison against each listed tag. */
export function isKnown(ifNoneMatch: string | undefined, etag: string): boolean {
  if (ifNoneMatch === undefined) return false;
  return ifNoneMatch.split(",").some((tag) => {
    const trimmed = tag.trim();
    return trimmed === "*" || trimmed === etag || trimmed === `W/${etag}`;
  });
}

export const emptyBody: ApiResponse["body"] = { type: "bytes", bytes: new Uint8Array() };

export function textResponse(status: number, text: string): ApiResponse {
  return {
    status,
    headers: { "content-type": "text/plain; charset=utf-8", "x-content-type-options": "nosniff" },
    body: { type: "bytes", bytes: Buffer.from(text) },
  };
}

/** Go's MarshalIndent: `/version` and `/` are shown like this. */
export function indentedJsonResponse(value: object): ApiResponse {
  return {
    status: 200,
    headers: { "content-type": "application/json", "cache-control": "no-cache, private" },
    body: { type: "bytes", bytes: Buffer.from(JSON.stringify(value, undefined, 2)) },
  };
}
