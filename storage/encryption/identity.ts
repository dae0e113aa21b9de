import type { Transformer } from "./transformer.ts";

/** Begins all values that are encrypted: JSON begins with a brace, and Kubernetes's protobuf with `k8s\0`. */
const encrypted = Buffer.from("k8s:enc:");

/** Values as they are. */
export const identity: Transformer = {
  fromStorage(stored) {
    if (isEncrypted(stored)) throw new Error("identity transformer tried to read encrypted data");
    return { value: stored, stale: false };
  },
  toStorage: (value) => value,
};

export function isEncrypted(stored: Buffer): boolean {
  return stored[0] === encrypted[0] && encrypted.equals(stored.subarray(0, encrypted.length));
}
