import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import { tooShort, type OwnTransformer } from "./transformer.ts";

const blockLength = 16;

/** AES-CBC with PKCS#7 padding: `iv | ciphertext`. Nothing tells whether it was tampered with, or belongs to its key. */
export function aesCbc(secret: Buffer): OwnTransformer {
  const algorithm = `aes-${secret.length * 8}-cbc`;
  return {
    fromStorage(stored) {
      if (stored.length < blockLength) throw new Error(tooShort);
      const encrypted = stored.subarray(blockLength);
      if (encrypted.length % blockLength !== 0) throw new Error("the stored data is not a multiple of the block size");
      const decipher = createDecipheriv(algorithm, secret, stored.subarray(0, blockLength)).setAutoPadding(false);
      return { value: unpadded(Buffer.concat([decipher.update(encrypted), decipher.final()])), stale: false };
    },
    toStorage(value) {
      const iv = randomBytes(blockLength);
      const cipher = createCipheriv(algorithm, secret, iv);
      return Buffer.concat([iv, cipher.update(value), cipher.final()]);
    },
  };
}

function unpadded(padded: Buffer): Buffer {
  const length = padded.at(-1) ?? 0;
  if (length === 0 || length > padded.length) throw new Error("invalid PKCS7 data (empty or not padded)");
  if (padded.subarray(-length).some((byte) => byte !== length)) throw new Error("invalid padding on input");
  return padded.subarray(0, -length);
}
