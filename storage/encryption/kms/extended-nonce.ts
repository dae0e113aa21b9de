import { createHmac, randomBytes } from "node:crypto";
import { aesGcm } from "../aes-gcm.ts";
import { tooShort, type OwnTransformer } from "../transformer.ts";

const infoLength = 32;
export const seedLength = 32;

/**
 * AES-GCM with a key of its own for each value, derived from a seed and 32 random bytes: so many values can be encrypted
 * under one seed that it need not be changed. `info | nonce | ciphertext | tag`.
 */
export function extendedNonce(seed: Buffer): OwnTransformer {
  if (seed.length < seedLength) throw new Error(`invalid seed length ${seed.length} used for key generation`);
  return {
    fromStorage(stored, key) {
      if (stored.length < infoLength) throw new Error(tooShort);
      return aesGcm(derivedKey(seed, stored.subarray(0, infoLength))).fromStorage(stored.subarray(infoLength), key);
    },
    toStorage(value, key) {
      const info = randomBytes(infoLength);
      return Buffer.concat([info, aesGcm(derivedKey(seed, info)).toStorage(value, key)]);
    },
  };
}

/** HKDF-Expand with SHA-256, of which one block is as long as a key. https://www.rfc-editor.org/rfc/rfc5869#section-2.3 */
function derivedKey(seed: Buffer, info: Buffer): Buffer {
  return createHmac("sha256", seed)
    .update(info)
    .update(Buffer.from([1]))
    .digest();
}
