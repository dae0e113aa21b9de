import { parseDuration } from "../../api/machinery/duration.ts";
import type {
  EncryptionConfiguration,
  KeysConfiguration,
  KmsConfiguration,
  ProviderConfiguration,
} from "../../storage/encryption/configuration.ts";
import { document, integer, list, struct, text, type Reader, refused } from "../admission/read-fields.ts";
import { requireValid } from "../require-valid.ts";
import { validateEncryption } from "./validate-encryption.ts";

/** Go's form: gives milliseconds. */
const duration: Reader<number> = (value, path) => {
  const nanos = typeof value === "string" ? parseDuration(value) : undefined;
  if (nanos === undefined) throw refused(path, "it must be a duration, such as 3s");
  return Number(nanos) / 1_000_000;
};

const keys = struct({ keys: list(struct({ name: text, secret: text })) });
const kms = struct({ apiVersion: text, name: text, cachesize: integer, endpoint: text, timeout: duration });
const provider = struct({ aesgcm: keys, aescbc: keys, secretbox: keys, identity: struct({}), kms });
const read = document(["apiserver.config.k8s.io/v1 EncryptionConfiguration", "v1 EncryptionConfig"], {
  resources: list(struct({ resources: list(text), providers: list(provider) })),
});

/**
 * Throws an OptionError for a configuration that is not valid; no key is shown.
 * https://kubernetes.io/docs/reference/config-api/apiserver-config.v1/#apiserver-config-k8s-io-v1-EncryptionConfiguration
 */
export function readEncryptionConfiguration(value: unknown, reload: boolean): EncryptionConfiguration {
  const { resources = [] } = read(value, "");
  const configuration: EncryptionConfiguration = {
    resources: resources.map(({ resources: names = [], providers = [] }) => ({
      resources: names,
      providers: providers.map(providerOf),
    })),
  };
  requireValid(validateEncryption(configuration, reload));
  return configuration;
}

type Read<T> = T extends Reader<infer R> ? R : never;

function providerOf({
  aesgcm,
  aescbc,
  secretbox,
  identity,
  kms: service,
}: Read<typeof provider>): ProviderConfiguration {
  return {
    ...(aesgcm === undefined ? {} : { aesgcm: keysOf(aesgcm) }),
    ...(aescbc === undefined ? {} : { aescbc: keysOf(aescbc) }),
    ...(secretbox === undefined ? {} : { secretbox: keysOf(secretbox) }),
    ...(identity === undefined ? {} : { identity }),
    ...(service === undefined ? {} : { kms: kmsOf(service) }),
  };
}

function keysOf({ keys: all = [] }: Read<typeof keys>): KeysConfiguration {
  return { keys: all.map(({ name = "", secret = "" }) => ({ name, secret })) };
}

function kmsOf({
  apiVersion = "v1",
  name = "",
  endpoint = "",
  timeout = 3000,
  cachesize,
}: Read<typeof kms>): KmsConfiguration {
  return { apiVersion, name, endpoint, timeoutMs: timeout, ...(cachesize === undefined ? {} : { cachesize }) };
}
