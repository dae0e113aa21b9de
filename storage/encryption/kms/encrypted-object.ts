import { bytesField, bytesOf, mapField, mapOf, numberField, numberOf, readFields, textOf } from "./wire.ts";

/** How the key of the data follows from the decrypted source: it is the key, or a seed of many. */
export const sourceTypes = { key: 0, seed: 1 } as const;

/** What key management adds to encrypted data, so that it can be decrypted again. */
export interface KeySource {
  readonly keyId: string;
  /** Encrypted by the service. */
  readonly encryptedSource: Buffer;
  readonly sourceType: number;
  readonly annotations: ReadonlyMap<string, Buffer>;
}

export interface EncryptedObject extends KeySource {
  readonly data: Buffer;
}

const longest = { keyId: 1024, source: 1024, annotations: 32 * 1024 } as const;

/** The message that is stored. https://github.com/kubernetes/enhancements/tree/master/keps/sig-auth/3299-kms-v2-improvements */
export function encodeEncryptedObject(object: EncryptedObject): Buffer {
  return Buffer.concat([
    bytesField(1, object.data),
    bytesField(2, object.keyId),
    bytesField(3, object.encryptedSource),
    mapField(4, object.annotations),
    numberField(5, object.sourceType),
  ]);
}

/** Throws for what no service has written. */
export function decodeEncryptedObject(message: Buffer): EncryptedObject {
  const fields = readFields(message);
  const object: EncryptedObject = {
    data: bytesOf(fields, 1),
    keyId: textOf(fields, 2),
    encryptedSource: bytesOf(fields, 3),
    annotations: mapOf(fields, 4),
    sourceType: numberOf(fields, 5),
  };
  if (object.sourceType !== sourceTypes.key && object.sourceType !== sourceTypes.seed)
    throw new Error(`unknown encryptedDEKSourceType: ${object.sourceType}`);
  if (object.data.length === 0) throw new Error("encrypted data is empty");
  requireKeySource(object);
  return object;
}

/** What a service may not answer either. */
export function requireKeySource({ keyId, encryptedSource, annotations }: KeySource): void {
  const source = encryptedSource.length;
  if (source === 0) throw new Error("failed to validate encrypted DEK source: encrypted DEK source is empty");
  if (source > longest.source)
    throw new Error(
      `failed to validate encrypted DEK source: encrypted DEK source is ${source} bytes, which exceeds the max size of ${longest.source}`,
    );
  const problem = keyIdProblem(keyId);
  if (problem !== undefined) throw new Error(`failed to validate key id: ${problem}`);
  const size = [...annotations].reduce((sum, [key, value]) => sum + Buffer.byteLength(key) + value.length, 0);
  if (size > longest.annotations)
    throw new Error(
      `failed to validate annotations: total size of annotations is ${size}, which exceeds the max size of ${longest.annotations}`,
    );
}

export function keyIdProblem(keyId: string): string | undefined {
  const bytes = Buffer.byteLength(keyId);
  if (bytes === 0) return "keyID is empty";
  return bytes > longest.keyId ? `keyID is ${bytes} bytes, which exceeds the max size of ${longest.keyId}` : undefined;
}

/** The same for all values of one source. */
export function sourceKey({ keyId, encryptedSource, sourceType, annotations }: KeySource): string {
  const sorted = [...annotations].toSorted(([one], [other]) => (one < other ? -1 : 1));
  const told = sorted.map(([name, value]) => [name, value.toString("base64")]);
  return JSON.stringify([sourceType, encryptedSource.toString("base64"), keyId, told]);
}
