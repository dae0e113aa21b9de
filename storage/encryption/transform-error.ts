import { messageOf } from "./message-of.ts";

/** A value cannot be encrypted, or decrypted: the keys are missing, are others, or the value is not the one that was written. */
export class TransformError extends Error {
  override readonly name = "TransformError";
  readonly key: string;

  constructor(key: string, cause: unknown) {
    super(`unable to transform key ${JSON.stringify(key)}: ${messageOf(cause)}`, { cause });
    this.key = key;
  }
}
