import { messageOf } from "./message-of.ts";
import type { Decrypted, Transformer } from "./transformer.ts";

/** What is stored begins with the prefix of who wrote it. */
export interface Prefixed {
  /** Empty for values that are stored as they are. */
  readonly prefix: Buffer;
  readonly transformer: Transformer;
}

/** The first writes, and each reads what it has written; `unknown` is told where none has. */
export function prefixed(transformers: readonly [Prefixed, ...Prefixed[]], unknown: string): Transformer {
  const [writer] = transformers;
  const framed = (encrypted: Buffer): Buffer =>
    writer.prefix.length === 0 ? encrypted : Buffer.concat([writer.prefix, encrypted]);
  return {
    fromStorage: (stored, key) => attempt(transformers, { stored, key, unknown }, { index: 0, failures: [] }),
    toStorage(value, key) {
      const encrypted = writer.transformer.toStorage(value, key);
      return encrypted instanceof Promise ? encrypted.then(framed) : framed(encrypted);
    },
  };
}

interface Reading {
  readonly stored: Buffer;
  readonly key: string;
  readonly unknown: string;
}

interface Progress {
  readonly index: number;
  readonly failures: readonly string[];
}

/** Several may have one prefix, with other keys: a failure is final only when all have failed. */
function attempt(
  transformers: readonly Prefixed[],
  reading: Reading,
  { index, failures }: Progress,
): Decrypted | Promise<Decrypted> {
  const { stored, key } = reading;
  const one = transformers[index];
  if (one === undefined) throw new Error(reasonOf(failures, reading.unknown));
  const { prefix, transformer } = one;
  const others = (thrown?: unknown): Decrypted | Promise<Decrypted> => {
    // That a value is encrypted says nothing against those who could decrypt it.
    const counts = thrown !== undefined && prefix.length > 0;
    const failed = counts ? [...failures, messageOf(thrown)] : failures;
    return attempt(transformers, reading, { index: index + 1, failures: failed });
  };
  if (!prefix.equals(stored.subarray(0, prefix.length))) return others();
  const settled = ({ value, stale }: Decrypted): Decrypted => ({ value, stale: stale || index > 0 });
  let found: Decrypted | Promise<Decrypted>;
  try {
    found = transformer.fromStorage(stored.subarray(prefix.length), key);
  } catch (thrown) {
    return others(thrown);
  }
  return found instanceof Promise ? found.then(settled, others) : settled(found);
}

/** As Go joins several errors. */
function reasonOf(failures: readonly string[], unknown: string): string {
  const different = [...new Set(failures)];
  if (different.length === 0) return unknown;
  return different.length === 1 ? (different[0] ?? "") : `[${different.join(", ")}]`;
}
