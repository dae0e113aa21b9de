import { createCipheriv, createDecipheriv, randomBytes, type CipherGCMTypes } from "node:crypto";
import { tooShort, type OwnTransformer } from "./transformer.ts";

const nonceLength = 12;
const tagLength = 16;

/** AES-GCM with random nonces: `nonce | ciphertext | tag`. The secret has 16, 24 or 32 bytes. */
export function aesGcm(secret: Buffer): OwnTransformer {
  const algorithm = `aes-${secret.length * 8}-gcm` as CipherGCMTypes;
  return {
    fromStorage(stored, key) {
      if (stored.length < nonceLength) throw new Error(tooShort);
      if (stored.length < nonceLength + tagLength) throw new Error(failed);
      const decipher = createDecipheriv(algorithm, secret, stored.subarray(0, nonceLength), {
        authTagLength: tagLength,
      });
      decipher.setAAD(Buffer.from(key));
      decipher.setAuthTag(stored.subarray(-tagLength));
      const value = decipher.update(stored.subarray(nonceLength, -tagLength));
      try {
        decipher.final();
      } catch (cause) {
        throw new Error(failed, { cause });
      }
      return { value, stale: false };
    },
    toStorage(value, key) {
      const nonce = randomBytes(nonceLength);
      const cipher = createCipheriv(algorithm, secret, nonce, { authTagLength: tagLength });
      cipher.setAAD(Buffer.from(key));
      const encrypted = cipher.update(value);
      cipher.final();
      return Buffer.concat([nonce, encrypted, cipher.getAuthTag()]);
    },
  };
}

/** In Go's words. */
const failed = "cipher: message authentication failed";
