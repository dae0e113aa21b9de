export interface Decrypted {
  readonly value: Buffer;
  /** It would be stored in another way now: a write should follow even where nothing else has changed. */
  readonly stale: boolean;
}

/**
 * Between values and what is stored of them. `key` is the value's own: where a value is authenticated it is bound to it.
 * A promise only where somebody else has to be asked. Both throw, or reject with, an Error that says why it cannot be.
 */
export interface Transformer {
  fromStorage(stored: Buffer, key: string): Decrypted | Promise<Decrypted>;
  toStorage(value: Buffer, key: string): Buffer | Promise<Buffer>;
}

/** Asks nobody. */
export interface OwnTransformer extends Transformer {
  fromStorage(stored: Buffer, key: string): Decrypted;
  toStorage(value: Buffer, key: string): Buffer;
}

export const tooShort = "the stored data was shorter than the required size";
