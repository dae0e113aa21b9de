import type { KeySource } from "./encrypted-object.ts";

export interface KmsStatus {
  readonly version: string;
  /** `ok` when it is. */
  readonly healthz: string;
  /** The key that it encrypts with now. */
  readonly keyId: string;
}

/** A key management service. Calls reject when they fail, or take too long. */
export interface KmsService {
  status(): Promise<KmsStatus>;
  encrypt(plaintext: Buffer): Promise<Omit<KeySource, "sourceType">>;
  decrypt(source: Omit<KeySource, "sourceType">): Promise<Buffer>;
  close(): void;
}
