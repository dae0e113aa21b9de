import { isObject } from "../../../api/machinery/members.ts";

export type Claims = Readonly<Record<string, unknown>>;

export interface ReadToken {
  readonly algorithm: string;
  readonly claims: Claims;
}

/** Longer ones are refused unread: headers cannot hold them, and reviews need not. */
const maxLength = 128 * 1024;

/** What a compact JWT says, verified or not; undefined for what is none. */
export function readToken(token: string): ReadToken | undefined {
  if (token.length > maxLength) return undefined;
  const parts = token.split(".", 4);
  if (parts.length !== 3) return undefined;
  const [header, claims] = parts.slice(0, 2).map(decoded);
  if (header === undefined || claims === undefined) return undefined;
  return { algorithm: typeof header["alg"] === "string" ? header["alg"] : "", claims };
}

function decoded(part: string): Claims | undefined {
  if (!/^[\w-]+$/.test(part)) return undefined;
  try {
    const value: unknown = JSON.parse(Buffer.from(part, "base64url").toString());
    return isObject(value) ? value : undefined;
  } catch {
    return undefined; // not JSON: no token
  }
}
