import { randomBytes } from "node:crypto";
import { secretbox as open } from "@noble/ciphers/salsa.js";
import { tooShort, type OwnTransformer } from "./transformer.ts";

const nonceLength = 24;
const overhead = 16;

/** NaCl's secretbox, XSalsa20 with Poly1305: `nonce | box`. The secret has 32 bytes. */
export function secretbox(secret: Buffer): OwnTransformer {
  return {
    fromStorage(stored) {
      if (stored.length < nonceLength + overhead) throw new Error(tooShort);
      try {
        const value = open(secret, stored.subarray(0, nonceLength)).open(stored.subarray(nonceLength));
        return { value: asBuffer(value), stale: false };
      } catch (cause) {
        // Upstream's words for a box that is another key's.
        throw new Error("output array was not large enough for encryption", { cause });
      }
    },
    toStorage(value) {
      const nonce = randomBytes(nonceLength);
      return Buffer.concat([nonce, open(secret, nonce).seal(value)]);
    },
  };
}

function asBuffer({ buffer, byteOffset, byteLength }: Uint8Array): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength);
}
