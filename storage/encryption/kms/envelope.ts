import { aesGcm } from "../aes-gcm.ts";
import { messageOf } from "../message-of.ts";
import type { Decrypted, Transformer } from "../transformer.ts";
import {
  decodeEncryptedObject,
  encodeEncryptedObject,
  sourceKey,
  sourceTypes,
  type EncryptedObject,
} from "./encrypted-object.ts";
import { extendedNonce } from "./extended-nonce.ts";
import type { WritingKey } from "./kms-state.ts";
import type { KmsService } from "./service.ts";

/** About as many as there were key rotations and starts of servers since the values were written. */
const mostSources = 1000;

/** Values under keys that the service holds the key of. What it has decrypted once is remembered: it is asked seldom. */
export function envelope(service: KmsService, state: () => WritingKey): Transformer {
  /** The least recently used first. */
  const known = new Map<string, Transformer | Promise<Transformer>>();
  const remember = (key: string, transformer: Transformer | Promise<Transformer>): void => {
    known.delete(key);
    known.set(key, transformer);
    const [oldest] = known.keys();
    if (known.size > mostSources && oldest !== undefined) known.delete(oldest);
  };
  const asked = (key: string, object: EncryptedObject): Promise<Transformer> => {
    const transformer = transformerOf(service, object).then(
      (made) => {
        remember(key, made);
        return made;
      },
      (thrown: unknown) => {
        known.delete(key);
        throw thrown;
      },
    );
    remember(key, transformer);
    return transformer;
  };
  return {
    fromStorage(stored, key) {
      const object = decodeEncryptedObject(stored);
      const { keyId } = state();
      const source = sourceKey(object);
      const settled = async (found: Decrypted | Promise<Decrypted>): Promise<Decrypted> =>
        judge(await found, object, keyId);
      const transformer = known.get(source) ?? asked(source, object);
      if (transformer instanceof Promise)
        return transformer.then((made) => settled(made.fromStorage(object.data, key)));
      remember(source, transformer);
      const found = transformer.fromStorage(object.data, key);
      return found instanceof Promise ? settled(found) : judge(found, object, keyId);
    },
    toStorage(value, key) {
      const writing = state();
      writing.requireFresh();
      remember(sourceKey(writing), writing.transformer);
      const framed = (data: Buffer): Buffer => encodeEncryptedObject({ ...writing, data });
      const data = writing.transformer.toStorage(value, key);
      return data instanceof Promise ? data.then(framed) : framed(data);
    },
  };
}

/** Stale is what was written under another key than the service has now. */
function judge({ value, stale }: Decrypted, { keyId, sourceType }: EncryptedObject, current: string): Decrypted {
  return { value, stale: stale || keyId !== current || sourceType !== sourceTypes.seed };
}

async function transformerOf(service: KmsService, object: EncryptedObject): Promise<Transformer> {
  try {
    const source = await service.decrypt(object);
    return object.sourceType === sourceTypes.seed ? extendedNonce(source) : aesGcm(source);
  } catch (cause) {
    throw new Error(`failed to decrypt DEK, error: ${messageOf(cause)}`, { cause });
  }
}
