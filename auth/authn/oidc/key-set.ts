import type { createLocalJWKSet, JSONWebKeySet, JWK } from "jose";
import { isObject } from "../../../api/machinery/members.ts";
import type { Clock } from "../../../base/clock.ts";

type FindKeys = ReturnType<typeof createLocalJWKSet>;

/** Whoever sends tokens with unknown keys makes the issuer be asked no more often than this. */
const cooldownMs = 10_000;
/** Keys that an issuer has withdrawn are not believed for longer than this, as long as it can be reached. */
const refreshMs = 10 * 60_000;
const mostKeys = 256;

/** An issuer that cannot be reached is not asked for each of the tokens that come meanwhile. */
const failureMs = 1_000;

interface KeySetParts {
  readonly fetch: () => Promise<unknown>;
  readonly timers: Clock;
  /** Told of a failure that no token has to wait for. */
  readonly failed: (thrown: unknown) => void;
}

/** An issuer's public keys: fetched when they are first needed, and again for a signature that none of them made. */
export class KeySet {
  readonly #parts: KeySetParts;
  #keys: FindKeys | undefined;
  #fetching: Promise<void> | undefined;
  #fetchedAt = -Infinity;
  #failure: unknown;

  constructor(parts: KeySetParts) {
    this.#parts = parts;
  }

  /** Throws an Error when no key of the issuer made the signature, or the keys cannot be had. */
  async verify(token: string, algorithms: readonly string[]): Promise<void> {
    if (this.#keys !== undefined) {
      if (this.#age > refreshMs) this.#refresh().catch(this.#parts.failed);
      if (await isSigned(token, algorithms, this.#keys)) return;
      if (this.#age < cooldownMs) throw failed();
    }
    await this.#refresh();
    if (this.#keys === undefined || !(await isSigned(token, algorithms, this.#keys))) throw failed();
  }

  get #age(): number {
    return this.#parts.timers.now() - this.#fetchedAt;
  }

  /** One at a time. */
  #refresh(): Promise<void> {
    if (this.#fetching !== undefined) return this.#fetching;
    if (this.#failure !== undefined && this.#age < failureMs) return Promise.reject(this.#failure);
    this.#fetching = this.#load().finally(() => (this.#fetching = undefined));
    return this.#fetching;
  }

  async #load(): Promise<void> {
    this.#fetchedAt = this.#parts.timers.now();
    try {
      const document = await this.#parts.fetch();
      // The library is loaded with the first keys.
      const { createLocalJWKSet: keysOf } = await import("jose");
      this.#keys = keysOf(keySetOf(document));
      this.#failure = undefined;
    } catch (thrown) {
      this.#failure = thrown;
      throw thrown;
    }
  }
}

function failed(): Error {
  return new Error("failed to verify signature: failed to verify id token signature");
}

/** Keys that are of no use here, or malformed, are passed over. */
function keySetOf(document: unknown): JSONWebKeySet {
  const keys: unknown = isObject(document) ? document["keys"] : undefined;
  if (!Array.isArray(keys)) throw new Error("oidc: the issuer's JWKS document has no list of keys");
  return { keys: keys.filter(isPublicKey).slice(0, mostKeys) };
}

/** A secret one would let whoever knows it make tokens. */
function isPublicKey(key: unknown): key is JWK {
  return isObject(key) && typeof key["kty"] === "string" && key["kty"] !== "oct";
}

async function isSigned(token: string, algorithms: readonly string[], find: FindKeys): Promise<boolean> {
  const { compactVerify, errors } = await import("jose");
  const options = { algorithms: [...algorithms] };
  try {
    await compactVerify(token, find, options);
    return true;
  } catch (thrown) {
    // What is wrong with token or key makes no difference: the key has not made this signature.
    if (!(thrown instanceof errors.JWKSMultipleMatchingKeys)) return false;
    // A token that names no key may be of any that fits.
    for await (const key of thrown) {
      const isBy = await compactVerify(token, key, options).then(
        () => true,
        () => false,
      );
      if (isBy) return true;
    }
    return false;
  }
}
