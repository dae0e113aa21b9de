import type { PodTemplateSpec } from "../../api/generated/types/core-v1.ts";
import type { DeepReadonly } from "../../api/machinery/object.ts";

export const podTemplateHash = "pod-template-hash";

/** What the API makes generated names of: no vowels, so that no words come of it. */
const alphabet = "bcdfghjklmnpqrstvwxz2456789";

/**
 * A short name for a pod template: the same for equal templates, whatever the order of their members. With each count
 * of collisions it is another one.
 */
export function templateHash(template: DeepReadonly<PodTemplateSpec> | undefined, collisionCount?: number): string {
  const text = `${canonicalText(template)}${collisionCount === undefined ? "" : `#${collisionCount}`}`;
  return safeEncoded(String(fnv1a(new TextEncoder().encode(text))));
}

/** JSON with sorted keys; what is absent and what is empty look alike, as they do on the wire. */
function canonicalText(value: unknown): string {
  if (typeof value === "bigint") return String(value);
  if (typeof value !== "object" || value === null) return JSON.stringify(value) ?? "null";
  if (Array.isArray(value)) return `[${value.map(canonicalText).join(",")}]`;
  const members = Object.entries(value)
    .filter(([, item]) => !isEmpty(item))
    .toSorted(([left], [right]) => (left < right ? -1 : 1))
    .map(([key, item]) => `${JSON.stringify(key)}:${canonicalText(item)}`);
  return `{${members.join(",")}}`;
}

function isEmpty(value: unknown): boolean {
  if (value === undefined || value === null) return true;
  return Array.isArray(value) && value.length === 0;
}

/** FNV-1a of 32 bits. http://www.isthe.com/chongo/tech/comp/fnv/ */
function fnv1a(bytes: Uint8Array): number {
  let hash = 0x811c9dc5;
  for (const byte of bytes) hash = Math.imul(hash ^ byte, 0x01000193);
  return hash >>> 0;
}

/** Digits become letters and digits of the API's alphabet, one for one. */
function safeEncoded(text: string): string {
  return Array.from(text, (character) => alphabet[character.charCodeAt(0) % alphabet.length]).join("");
}
