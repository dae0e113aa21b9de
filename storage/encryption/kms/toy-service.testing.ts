import type { KmsService } from "./service.ts";

export interface ToyService extends KmsService {
  keyId: string;
  healthz: string;
  version: string;
  /** Thrown by all that is asked of it. */
  broken: Error | undefined;
  /** How often something was to be decrypted. */
  decrypted: number;
}

/** Encrypts as the one that made `upstream-values.testing.json`. */
export function toyService(): ToyService {
  const flipped = (bytes: Buffer): Buffer => bytes.map((byte) => byte ^ 0x5a) as Buffer;
  const service: ToyService = {
    keyId: "key-1",
    healthz: "ok",
    version: "v2",
    broken: undefined,
    decrypted: 0,
    async status() {
      await answer();
      return { version: service.version, healthz: service.healthz, keyId: service.keyId };
    },
    async encrypt(plaintext) {
      await answer();
      const annotations = new Map([["version.example.com", Buffer.from("1")]]);
      return { encryptedSource: Buffer.from(flipped(plaintext)), keyId: service.keyId, annotations };
    },
    async decrypt({ encryptedSource }) {
      await answer();
      service.decrypted += 1;
      return Buffer.from(flipped(encryptedSource));
    },
    close() {},
  };
  const answer = async (): Promise<void> => {
    await Promise.resolve();
    if (service.broken !== undefined) throw service.broken;
  };
  return service;
}
