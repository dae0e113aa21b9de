import { aesCbc } from "./aes-cbc.ts";
import { aesGcm } from "./aes-gcm.ts";
import type { Transformers } from "./choose-transformer.ts";
import {
  nameOf,
  parseGroupResource,
  type EncryptionConfiguration,
  type KeysConfiguration,
  type KmsConfiguration,
  type ProviderConfiguration,
} from "./configuration.ts";
import { identity } from "./identity.ts";
import { prefixed, type Prefixed } from "./prefixed.ts";
import type { Transformer } from "./transformer.ts";

/** A key management service that was made ready. */
export interface KmsProvider {
  readonly transformer: Transformer;
  /** Why it is not well; undefined when it is. */
  check(): Promise<string | undefined>;
  close(): void;
}

export interface EncryptionProviders {
  readonly transformers: Transformers;
  readonly kms: readonly KmsProvider[];
}

/** Of a valid configuration. */
export async function createTransformers(
  { resources }: EncryptionConfiguration,
  openKms: (configuration: KmsConfiguration) => Promise<KmsProvider>,
): Promise<EncryptionProviders> {
  const kms: KmsProvider[] = [];
  const open: typeof openKms = async (configuration) => {
    const provider = await openKms(configuration);
    kms.push(provider);
    return provider;
  };
  const lists = new Map<string, Prefixed[]>();
  try {
    for (const one of resources) {
      requireUnmasked(one.resources, lists);
      const found = await Promise.all(one.providers.map((provider) => providerOf(provider, open)));
      for (const name of one.resources) {
        const full = nameOf(parseGroupResource(name));
        lists.set(full, [...(lists.get(full) ?? []), ...found]);
      }
    }
  } catch (thrown) {
    for (const provider of kms) provider.close();
    throw thrown;
  }
  const transformers = new Map(
    [...lists].map(([name, list]) => [name, prefixed(some(list), "no matching prefix found")]),
  );
  return { transformers, kms };
}

/** What an earlier rule takes for itself reaches no later one. */
function requireUnmasked(names: readonly string[], lists: ReadonlyMap<string, unknown>): void {
  for (const name of names) {
    const { group, resource } = parseGroupResource(name);
    const masking = [nameOf({ group, resource: "*" }), "*.*"].find((one) => lists.has(one));
    if (masking !== undefined)
      throw new Error(
        `resource ${JSON.stringify(nameOf({ group, resource }))} is masked by earlier rule ${JSON.stringify(masking)}`,
      );
  }
}

async function providerOf(
  { aesgcm, aescbc, secretbox, kms }: ProviderConfiguration,
  openKms: (configuration: KmsConfiguration) => Promise<KmsProvider>,
): Promise<Prefixed> {
  if (aesgcm !== undefined) return keyed("k8s:enc:aesgcm:v1:", aesgcm, aesGcm, "AES");
  if (aescbc !== undefined) return keyed("k8s:enc:aescbc:v1:", aescbc, aesCbc, "AES");
  if (secretbox !== undefined) {
    // The library is loaded when it is asked for.
    const box = await import("./secretbox.ts");
    return keyed("k8s:enc:secretbox:v1:", secretbox, box.secretbox, "Secretbox");
  }
  if (kms !== undefined) {
    const { transformer } = await openKms(kms);
    return { prefix: Buffer.from(`k8s:enc:kms:v2:${kms.name}:`), transformer };
  }
  return { prefix: Buffer.alloc(0), transformer: identity };
}

function keyed(
  prefix: string,
  { keys }: KeysConfiguration,
  make: (secret: Buffer) => Transformer,
  named: string,
): Prefixed {
  const byName = keys.map(({ name, secret }) => ({
    prefix: Buffer.from(`${name}:`),
    transformer: make(Buffer.from(secret, "base64")),
  }));
  const unknown = `no matching key was found for the provided ${named} transformer`;
  return { prefix: Buffer.from(prefix), transformer: prefixed(some(byName), unknown) };
}

function some<T>(list: readonly T[]): readonly [T, ...T[]] {
  const [first, ...others] = list;
  if (first === undefined) throw new Error("a valid configuration has at least one provider, with at least one key");
  return [first, ...others];
}
