import { goJson } from "../../api/machinery/managed-fields/go-json.ts";
import type { Json } from "../../api/machinery/object.ts";

/** What the API makes generated names of: no vowels, so that no words come of it. */
const alphabet = "bcdfghjklmnpqrstvwxz2456789";

/**
 * The end of a revision's name: the same as kube-controller-manager's for the same data. With each count of collisions
 * it is another one.
 */
export function revisionHash(data: Json | undefined, collisionCount: number): string {
  const bytes = new TextEncoder().encode(`${goJson(data)}${collisionCount}`);
  return Array.from(String(fnv1(bytes)), (digit) => alphabet[digit.charCodeAt(0) % alphabet.length]).join("");
}

/** FNV-1 of 32 bits. http://www.isthe.com/chongo/tech/comp/fnv/ */
function fnv1(bytes: Uint8Array): number {
  let hash = 0x811c9dc5;
  for (const byte of bytes) hash = Math.imul(hash, 0x01000193) ^ byte;
  return hash >>> 0;
}
