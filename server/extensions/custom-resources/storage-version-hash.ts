import { createHash } from "node:crypto";

/** discovery's storageVersionHash: tells clients that objects are stored in another version now. */
export function storageVersionHash(group: string, version: string, kind: string): string {
  const digest = createHash("sha256").update(`${group}/${version}/${kind}`).digest();
  return digest.subarray(0, 8).toString("base64");
}
